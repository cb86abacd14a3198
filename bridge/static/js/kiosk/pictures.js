// The kiosk's pictures, by the names that procedures and attention reasons use.
// @ts-check
import { html } from "../lib/element.js"
import { DEVICES } from "./pictures/devices.js"
import { ERRANDS } from "./pictures/errands.js"
import { SIGNS } from "./pictures/signs.js"

const PICTURES = { ...DEVICES, ...ERRANDS, ...SIGNS }

/** The picture of that name, or a plain sheet for a name only a plugin knows. For the eye only. */
export function picture(name) {
  return html`<svg class="picture" data-picture=${name} viewBox="0 0 120 120" aria-hidden="true" focusable="false">
    ${PICTURES[name] ?? PICTURES.document}
  </svg>`
}
