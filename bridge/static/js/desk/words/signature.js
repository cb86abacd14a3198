// The fixed words about signing on the counter's screen.
// @ts-check
import { gettext } from "../../lib/gettext.js"

export const words = {
  get ask() { return gettext("Have it signed on the screen") },
}
