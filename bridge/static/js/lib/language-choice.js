// The choice of a staff page's language. It loads the page anew: the bridge's sentences come in it too.
// @ts-check
import { html } from "./element.js"
import { language } from "./gettext.js"

const NAMES = { ca: "Valencià", es: "Castellano", en: "English" }

export function languageChoice(label) {
  const turn = (event) => {
    const there = new URL(location.href)
    there.searchParams.set("language", event.target.value)
    location.assign(there)
  }
  return html`<label class="language-choice"><span class="only-heard">${label}</span>
    <select data-oac="language" @change=${turn}>
      ${Object.entries(NAMES).map(([key, name]) => html`<option value=${key} lang=${key}
        ?selected=${key === language()}>${name}</option>`)}
    </select></label>`
}
