// The words of printing, looked up when they are read.
// @ts-check
import { gettext, N_ } from "../../lib/gettext.js"
import { says } from "../../lib/states.js"
import { colourText } from "./states.js"

const SIDES = {
  "one-sided": N_("One side"),
  "two-sided-long-edge": N_("Both sides, as in a book"),
  "two-sided-short-edge": N_("Both sides, as on a pad"),
}
const PAPERS = {
  "iso_a3_297x420mm": N_("A3"), "iso_a4_210x297mm": N_("A4"), "iso_a5_148x210mm": N_("A5"),
  "na_letter_8.5x11in": N_("US Letter"),
  "iso_dl_110x220mm": N_("Envelope DL"), "iso_c5_162x229mm": N_("Envelope C5"),
}
const SCALINGS = { "": N_("Automatic"), "fit": N_("Fit to the sheet"), "none": N_("True size") }

export const words = {
  get print() { return gettext("Print") },
  printOne: (name) => gettext("Print “%(name)s”", { name }),
  get printer() { return gettext("Printer") },
  get what() { return gettext("Paper") },
  get title() { return gettext("The citizen reads") },
  get copies() { return gettext("Copies") },
  get look() { return gettext("Preview") },
  get bring() { return gettext("A PDF of mine…") },
  get bringing() { return gettext("Checking…") },
  get more() { return gettext("More choices") },
  get sides() { return gettext("Sides") },
  get paper() { return gettext("Sheet") },
  get colour() { return gettext("Colour") },
  get scaling() { return gettext("Size") },
  get staple() { return gettext("Staple") },
  pages: (sheets) => (sheets > 1 ? gettext("Pages, of %(sheets)s", { sheets }) : gettext("Pages")),
  sidesText: says(SIDES),
  paperText: says(PAPERS),
  scalingText: says(SCALINGS),
  sheet: (sheet, last) => gettext("Page %(sheet)s of %(last)s", { sheet, last }),
  get close() { return gettext("Close") },
  /** What is not as usual, for who has the choices folded. */
  chosen({ sides, colour, paper, scaling, staple, pages }) {
    return [
      sides && sides !== "one-sided" ? words.sidesText(sides) : "",
      paper && paper !== "iso_a4_210x297mm" ? words.paperText(paper) : "",
      colour === "grey" ? colourText(colour) : "",
      scaling ? words.scalingText(scaling) : "",
      pages ? `${words.pages(null)} ${pages}` : "",
      staple ? words.staple : "",
    ].filter(Boolean).join(" · ")
  },
}
