// Real-time text on the kiosk, with an on-screen keyboard for who asks for one.
// @ts-check
import { html } from "../../lib/element.js"
import { picture } from "../pictures.js"
import { words } from "../words.js"
import { plainButton } from "./parts.js"

const KEYS = {
  letters: ["qwertyuiop", "asdfghjklñ", "zxcvbnmç·'"],
  accents: ["1234567890", "àáèéíïòóúü", "¿?¡!.,:@€-"],
}

export function saying(state, acts, { isShown }) {
  const { visit } = state.server
  return html`<div class="saying" ?hidden=${!isShown}>
    <oac-say .sign=${picture("write")} .link=${state.link} .visit=${visit.id} .side=${"citizen"}
      .names=${{ citizen: words.you, clerk: visit.clerk ?? words.theClerk }}
      @say-heard=${acts.hearText}></oac-say>
    ${isShown && state.hasKeyboard
      ? keyboard(state, acts)
      : html`<div class="choices">${plainButton({ label: words.keyboard, act: acts.toggleKeyboard })}</div>`}
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
      ${wide(keys === "letters" ? "1 à ?" : "abc", acts.turnKeys)}
      ${wide(words.space, () => acts.typeLetter(" "))}
      ${wide(words.erase, acts.eraseLetter)}
      ${wide(words.sendLine, acts.endLine)}
      ${wide(words.hideKeyboard, acts.toggleKeyboard)}
    </div>
  </div>`
}
