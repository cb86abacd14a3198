// Sentences that depend on facts: positions, devices, what a job is for. Pure but for the language.
// @ts-check
import { gettext, N_, ngettext, pick } from "../lib/gettext.js"

/** Where a waiting ticket stands, in words. */
export function positionText(ahead) {
  if (!(ahead > 0)) return gettext("You are next")
  return ngettext("%(num)s person before you", "%(num)s people before you", ahead)
}

/** What has to be done when a device waits for a hand: the picture's name and one sentence. */
export function attentionOf(reason) {
  const [picture, text] = ATTENTION[reason] ?? ATTENTION.unknown
  return { picture, text: gettext(text) }
}

/** Who wants to do what, as one sentence. */
export function consentText(job) {
  const values = { clerk: job.clerk ?? gettext("The clerk") }
  if (job.kind === "action") return gettext("%(clerk)s wants to do this here:", values)
  if (job.kind === "scan") return gettext("%(clerk)s wants to scan:", values)
  return gettext("%(clerk)s wants to print:", values)
}

/** What is scanned or printed: a title in the reader's language, a known purpose, or what came. */
export function purposeText(purpose, step = null) {
  if (purpose && typeof purpose === "object") return pick(purpose)
  if (purpose in PURPOSES) return gettext(PURPOSES[purpose])
  // A key that only a plugin knows is no word for a citizen; a text is.
  const isKey = !purpose || /^[a-z0-9]+([-_.][a-z0-9]+)*$/.test(purpose)
  if (!isKey) return purpose
  return step ? pick(step.title) : gettext("A document")
}

/** What the device is doing, for the light that is on as long as it works. */
export function busyText(job) {
  if (job.kind === "action") return pick(job.title)
  if (job.state === "queued") {
    return job.kind === "scan" ? gettext("The scanner starts") : gettext("The printer starts")
  }
  return job.kind === "scan" ? gettext("The scanner is working") : gettext("The printer is working")
}

/** What became of a request for help. */
export function helpText(help) {
  if (!help) return gettext("Help")
  if (help.state === "on_the_way" || help.state === "with_citizen") return gettext("Help is coming")
  return gettext("Help was called")
}

/** Nobody is in the meeting without the citizen knowing. */
export function guestText(guest) {
  return gettext(GUESTS[guest] ?? GUESTS.helper)
}

const GUESTS = {
  helper: N_("with a helper"),
  interpreter: N_("with an interpreter"),
  supervisor: N_("with a supervisor"),
}

const PURPOSES = {
  "identity-card": N_("Your identity card"),
  "signed-form": N_("The signed form"),
  "housing-title": N_("The deed or rental contract"),
  "form": N_("The form"),
  "document": N_("A document"),
}

const ATTENTION = {
  paper_empty: ["paper-empty", N_("The printer has no paper. Somebody brings some.")],
  paper_jam: ["paper-jam", N_("The paper is stuck. Somebody comes to help.")],
  cover_open: ["lid-open", N_("The lid is open. Please close it.")],
  feeder_empty: ["feeder", N_("Put the sheets into the scanner from above.")],
  feeder_jam: ["paper-jam", N_("The sheet is stuck. Somebody comes to help.")],
  feeder_double: ["feeder", N_("Two sheets went in together. Put them in again.")],
  feeder_mispick: ["feeder", N_("The sheet did not go in. Put it in again.")],
  output_full: ["paper-from-printer", N_("Take the papers out of the printer, please.")],
  ink_low: ["ink", N_("The printer has little ink. It goes on for now.")],
  ink_empty: ["ink", N_("The printer has no ink. Somebody comes to help.")],
  device_busy: ["device", N_("The device is busy. One moment, please.")],
  device_offline: ["device", N_("The device does not answer. Somebody comes to help.")],
  needs_login: ["device", N_("The device is locked. Somebody comes to help.")],
  wrong_media: ["paper-empty", N_("This is the wrong paper. Somebody comes to help.")],
  page_too_long: ["page-on-glass", N_("The sheet is too long. Your clerk will tell you what to do.")],
  unknown: ["device", N_("The device needs help. Somebody comes.")],
}
