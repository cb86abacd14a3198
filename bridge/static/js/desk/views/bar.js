// The line at the top of the desk: the office, the clerk, what the clerk is doing, signing out.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { language } from "../../lib/gettext.js"
import { isAtLeisure } from "../models/queue.js"
import { clerkText } from "../words/states.js"
import { words } from "../words/desk.js"
import { button, tag } from "./parts.js"

const CHOICES = [[`available`, "tick"], [`break`, "pause"], [`back-office`, "pencil"]]
const NAMES = { ca: "Valencià", es: "Castellano", en: "English" }

export function bar({ server, busy }, acts) {
  const { office, clerk } = server
  return html`<header class="desk-bar">
    <p class="desk-office"><strong>${office.name}</strong>
      ${office.is_open ? tag(words.open, "good") : tag(words.closed, "notice")}</p>
    <div class="desk-states" role="group" aria-label=${words.myState}>
      ${isAtLeisure(clerk) ? nothing : tag(clerkText(clerk.state), "notice")}
      ${CHOICES.map(([handle, sign]) => stateButton({ handle, sign, clerk, busy }, acts))}
    </div>
    <p class="desk-clerk">${clerk.name}</p>
    ${languages()}
    <form method="post" action="/sign-out">
      <button class="button button-quiet" data-oac="sign-out">${words.signOut}</button>
    </form>
  </header>`
}

function stateButton({ handle, sign, clerk, busy }, acts) {
  const state = handle.replace("-", "_")
  return button({
    handle, sign, label: clerkText(state), look: "button-segment", isPressed: clerk.state === state,
    isBusy: busy.availability, why: isAtLeisure(clerk) ? null : "visit-open", act: () => acts.be(state),
  })
}

/** Choosing a language loads the page anew: the bridge's sentences come in it too. */
function languages() {
  const turn = (event) => {
    const there = new URL(location.href)
    there.searchParams.set("language", event.target.value)
    location.assign(there)
  }
  return html`<label class="desk-language"><span class="only-heard">${words.language}</span>
    <select data-oac="language" @change=${turn}>
      ${Object.entries(NAMES).map(([key, name]) => html`<option value=${key} lang=${key}
        ?selected=${key === language()}>${name}</option>`)}
    </select></label>`
}

export function signedOut() {
  return html`<main class="desk-away" data-oac="signed-out">
    <h1>${words.signedOut}</h1><p>${words.signedOutHow}</p>
    <a class="button button-primary" href="/sign-in" target="_top">${words.signIn}</a>
  </main>`
}
