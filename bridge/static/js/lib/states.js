// Words for states that several staff pages show.
// @ts-check
import { gettext, N_ } from "./gettext.js"

const COUNTERS = {
  offline: N_("Off"), self_test: N_("Starting"), idle: N_("Free"), reserved: N_("Called"),
  in_visit: N_("In a visit"), cleaning: N_("Cleaning up"), needs_help: N_("Needs help"),
  out_of_service: N_("Out of service"),
}

const LANGUAGES = { ca: N_("Valencian"), es: N_("Spanish"), en: N_("English") }

/** A function that says a key in the words of `table`; a key it does not have is said as it is. */
export const says = (table) => (key) => (key in table ? table[key] && gettext(table[key]) : String(key ?? ""))

export const counterText = says(COUNTERS)
export const languageText = says(LANGUAGES)
