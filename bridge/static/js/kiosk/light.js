// The device light: on as long as a device works for somebody who is not in the room.
// @ts-check
import { html, nothing } from "../lib/element.js"
import { fractionOf, sortJobs } from "./jobs.js"
import { busyText } from "./sentences.js"

/** The light that is on as long as a device works, with who has it in hand. */
export function deviceLight(state) {
  const { busy } = sortJobs(state.server?.jobs)
  if (!busy) return nothing
  const fraction = fractionOf(busy, state.progress)
  return html`<p class="light" data-oac="device-busy" role="status" data-personal>
    <span class="lamp" aria-hidden="true"></span>
    <span>${busyText(busy)}${busy.clerk ? html` · <span class="nowrap">${busy.clerk}</span>` : nothing}</span>
    ${fraction === null ? nothing : html`<progress class="progress" max="1" .value=${fraction}></progress>`}
  </p>`
}
