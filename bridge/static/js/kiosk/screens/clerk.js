// What stands where the clerk's picture is, or over it: the telephone, a closed door, who else is there.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { picture } from "../pictures.js"
import { guestText } from "../sentences.js"
import { words } from "../words.js"

/** Once both talk, nothing is to be done any more; until then the handset is, unless all is stopped. */
export function telephone({ clerk, is_talking: isTalking, is_paused: isPaused }) {
  const text = isTalking || isPaused ? "" : words.pickUp
  return card({ handle: `telephone`, sign: "telephone", title: isTalking ? words.talking(clerk) : words.telephoned(clerk), text })
}

/** The meeting server did not let this screen in. It goes on trying underneath. */
export function notYet() {
  return card({ handle: `not-yet`, sign: "helper-coming", title: words.notYet, text: words.triedAgain })
}

/** Nobody is in the meeting without the citizen knowing. */
export function guests({ others = [] }) {
  if (!others.length) return nothing
  return html`<p class="clerk-guests" role="status" data-oac="guests">${others.map((one) => html`<span>${guestText(one)}</span>`)}</p>`
}

function card({ handle, sign, title, text }) {
  return html`<div class="clerk-card" data-fit role="status" data-oac=${handle}>
    ${picture(sign)}
    <div><h2>${title}</h2>${text ? html`<p>${text}</p>` : nothing}</div>
  </div>`
}
