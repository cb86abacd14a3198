// Real-time text on the kiosk, with an on-screen keyboard for who asks for one.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { words } from "../words.js"
import { plainButton } from "./parts.js"

const KEYS = {
  letters: ["1234567890", "qwertyuiop", "asdfghjklñ", "zxcvbnmç·'"],
  accents: ["àáèéíòóúïü", "ÀÁÈÉÍÒÓÚÏÜ", "¿?¡!@€()/-", "QWERÇÑ.,:;"],
}

export function saying(state, acts, { isShown }) {
  const { visit } = state.server
  return html`<div class="saying" ?hidden=${!isShown}>
    <oac-say .link=${state.link} .visit=${visit.id} .side=${"citizen"}
      .names=${{ citizen: words.you, clerk: visit.clerk ?? words.theClerk }}
      @say-heard=${acts.hearText}></oac-say>
    <div class="choices">
      ${plainButton({
        label: state.hasKeyboard ? words.hideKeyboard : words.keyboard,
        act: acts.toggleKeyboard,
      })}
    </div>
    ${isShown && state.hasKeyboard ? keyboard(state, acts) : nothing}
  </div>`
}

function keyboard({ keys }, acts) {
  const key = (letter) => html`<button type="button" class="key"
    @click=${() => acts.typeLetter(letter)}>${letter}</button>`
  const wide = (label, act) => html`<button type="button" class="key key-wide"
    @click=${act}>${label}</button>`
  return html`<div class="keyboard" role="group" aria-label=${words.keyboard}>
    ${KEYS[keys].map((row) => html`<div class="key-row">${[...row].map(key)}</div>`)}
    <div class="key-row">
      ${wide(keys === "letters" ? "À ¿" : "abc", acts.turnKeys)}
      ${wide(words.space, () => acts.typeLetter(" "))}
      ${wide(words.erase, acts.eraseLetter)}
      ${wide(words.sendLine, acts.endLine)}
    </div>
  </div>`
}
