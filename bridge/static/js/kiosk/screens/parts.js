// Parts that several screens share.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { picture } from "../pictures.js"

/** A big button: `handle` is its data-oac, `look` a class of the sheet, `sign` a picture's name. */
export function button({ handle, label, act, look = "", sign = null, isBusy = false }) {
  return html`<button type="button" class="button ${look}" data-oac=${handle}
    ?disabled=${isBusy} @click=${act}>
    ${sign ? picture(sign) : nothing}<span>${label}</span>
  </button>`
}

/** A button without a handle of its own. */
export function plainButton({ label, act, look = "", sign = null }) {
  return html`<button type="button" class="button ${look}" @click=${act}>
    ${sign ? picture(sign) : nothing}<span>${label}</span>
  </button>`
}

/** A whole screen of one message: a picture, a heading, a sentence and what may be touched. */
export function message({ sign, title, text = "", actions = nothing, extra = nothing }) {
  return html`<section class="message" data-fit>
    ${picture(sign)}
    <div class="message-words">
      <h1 tabindex="-1">${title}</h1>
      ${text ? html`<p>${text}</p>` : nothing}
      ${extra}
    </div>
    ${actions === nothing ? nothing : html`<div class="choices">${actions}</div>`}
  </section>`
}
