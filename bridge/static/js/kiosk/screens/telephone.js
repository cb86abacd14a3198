// Where the clerk's picture would be: the visit goes on by telephone.
// @ts-check
import { html } from "../../lib/element.js"
import { picture } from "../pictures.js"
import { words } from "../words.js"

/** Once both talk, nothing is to be done any more; until then the handset is. */
export function telephone(visit) {
  return html`<div class="telephone" data-fit role="status" data-oac="telephone">
    ${picture("telephone")}
    <div>
      <h2>${visit.is_talking ? words.talking(visit.clerk) : words.telephoned(visit.clerk)}</h2>
      ${visit.is_talking ? "" : html`<p>${words.pickUp}</p>`}
    </div>
  </div>`
}
