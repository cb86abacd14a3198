// Parts that several screens share.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { picture } from "../pictures.js"

/** What stands in a big button: a picture's name or null, and the words. */
export function inside(sign, label) {
  return html`${sign ? picture(sign) : nothing}<span>${label}</span>`
}

/** A button that nothing outside needs to find. */
export function plainButton({ label, act, look = "", sign = null }) {
  return html`<button type="button" class="button ${look}" @click=${act}>${inside(sign, label)}</button>`
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
