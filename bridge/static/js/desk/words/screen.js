// The fixed words about what the counter's screen does by itself.
// @ts-check
import { gettext } from "../../lib/gettext.js"

export const words = {
  get takePicture() { return gettext("Take a picture of the paper") },
  get fromCamera() { return gettext("Document camera") },
  get ask() { return gettext("Have it signed on the screen") },
}
