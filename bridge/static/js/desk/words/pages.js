// The fixed words about pages that are cropped, straightened and put together.
// @ts-check
import { gettext, language } from "../../lib/gettext.js"
import { isWhole } from "../models/outline.js"

export const words = {
  get trim() { return gettext("Crop and straighten") },
  get restore() { return gettext("As it was scanned") },
  get trimHow() { return gettext("Only what is inside the frame is kept. Draw its corners, or write the lengths.") },
  get left() { return gettext("From the left, mm") },
  get top() { return gettext("From above, mm") },
  get width() { return gettext("Width, mm") },
  get height() { return gettext("Height, mm") },
  get angle() { return gettext("Askew, degrees") },
  get proposal() { return gettext("As proposed") },
  get whole() { return gettext("Whole page") },
  get bothSides() { return gettext("Card: both sides on one page") },
  get together() { return gettext("Put both sides on one page") },
  get cardLacking() { return gettext("No identity card was found here. Scan it again, or crop it by hand.") },
  get accept() { return gettext("Crop it so") },
  get leave() { return gettext("Leave it as it is") },
}

/** What is proposed for a page, as one short line on a button. */
export function offerText(outline, page) {
  const degrees = Math.abs(outline.angle).toLocaleString(language(), { maximumFractionDigits: 1 })
  if (isWhole(outline, page)) return gettext("Straighten by %(degrees)s°?", { degrees })
  const size = { width: Math.round(outline.width_mm), height: Math.round(outline.height_mm) }
  return gettext("Crop to %(width)s × %(height)s mm?", size)
}

/** What is said of a side of a card: its name, and how it is scanned. */
export function sideText(side) {
  const known = {
    front: { name: gettext("Front of the card"), scan: gettext("Scan the front") },
    back: { name: gettext("Back of the card"), scan: gettext("Scan the back") },
  }
  return known[side]
}
