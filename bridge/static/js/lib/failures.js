// What a page says when a request failed.
// @ts-check
import { gettext, N_ } from "./gettext.js"

const FAILURES = {
  "unreachable": N_("The bridge cannot be reached. Please try again."),
  "timed-out": N_("The bridge did not answer in time. Please try again."),
  "not-understood": N_("The bridge gave an answer that makes no sense."),
  "too-large": N_("That is too large."),
}
/** What a web server in front of the bridge answers in its place, without a word that fits a screen. */
const IN_FRONT = { 413: "too-large", 502: "unreachable", 503: "unreachable", 504: "timed-out" }

/** What the bridge said went wrong, or our own words when it said nothing. */
export function failureText(error) {
  const own = FAILURES[error.key] ?? FAILURES[IN_FRONT[error.status]] ?? FAILURES["not-understood"] // outside: not a text to extract
  return error.title || gettext(own)
}
