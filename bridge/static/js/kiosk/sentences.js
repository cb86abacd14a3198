// Sentences that depend on facts: positions, devices, what a job is for. Pure but for the language.
// @ts-check
import { gettext, N_, ngettext, pick } from "../lib/gettext.js"
import { CAMERA } from "./camera.js"

/** Where a waiting ticket stands, in words; nobody is next where nobody calls. */
export function positionText(ahead, clerks = 1) {
  if (!clerks) return gettext("Nobody attends at this moment")
  if (!(ahead > 0)) return gettext("You are next")
  return ngettext("%(num)s person before you", "%(num)s people before you", ahead)
}

/**
 * What is wrong when a device waits for a hand, and what is done about it: the picture's name and
 * two sentences. Where the citizen can do nothing, the second says what became of the call for help.
 */
export function attentionOf(reason, help = null) {
  const [picture, text, remedy] = ATTENTION[reason] ?? ATTENTION.unknown
  const coming = help ? `${helpText(help)}.` : gettext("Touch “Help” to call somebody.")
  return { picture, text: gettext(text), remedy: remedy ? gettext(remedy) : coming }
}

/** What the citizen is not to leave behind: the picture's name, and a sentence for each place. */
export function reminderOf(places = []) {
  const known = places.filter((place) => place in LEFT)
  if (!known.length) return { picture: "take-papers", texts: [gettext("Take your card and all your papers.")] }
  const texts = known.map((place) => gettext(LEFT[place][1]))
  return { picture: known.length === 1 ? LEFT[known[0]][0] : "take-papers", texts }
}

/** Which device of the place it is; its maker's name tells nobody anything, and an action says it. */
export function deviceText({ kind, device }) {
  if (kind === "action") return ""
  if (device?.id === CAMERA) return gettext("With the camera above the table.")
  if (kind === "scan") return gettext("With the scanner of this place.")
  return gettext("With the printer of this place.")
}

/** Who wants to do what, as one sentence. */
export function consentText(job) {
  const values = { clerk: job.clerk ?? gettext("The clerk") }
  if (job.kind === "action") return gettext("%(clerk)s wants to do this here:", values)
  if (job.device?.id === CAMERA) return gettext("%(clerk)s wants to take a picture of:", values)
  if (job.is_for_all_pages) return gettext("%(clerk)s wants to scan all the pages of this document:", values)
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

/** Which side of a card a scan is of; null for anything else. */
export function sideText({ side }) {
  if (side === "front") return gettext("Your card, the side with the photo")
  return side === "back" ? gettext("Your card, the other side") : null
}

/** What the device is doing, for the light that is on as long as it works. */
export function busyText(job) {
  if (job.kind === "action") return pick(job.title)
  if (job.device?.id === CAMERA) return gettext("The camera takes a picture")
  if (job.state === "queued") {
    return job.kind === "scan" ? gettext("The scanner starts") : gettext("The printer starts")
  }
  return job.kind === "scan" ? gettext("The scanner is working") : gettext("The printer is working")
}

/** What became of a request for help. */
export function helpText(help) {
  if (!help) return gettext("Help")
  return gettext(HELP[help.state] ?? HELP.raised)
}

/** Nobody is in the meeting without the citizen knowing. */
export function guestText(guest) {
  return gettext(GUESTS[guest] ?? GUESTS.helper)
}

// Where papers lie still.
const LEFT = {
  tray: ["paper-from-printer", N_("Take your papers out of the printer.")],
  glass: ["card-on-glass", N_("Take your card or paper off the scanner.")],
  feeder: ["feeder", N_("Take your sheets out of the scanner.")],
}

const GUESTS = {
  helper: N_("with a helper"),
  interpreter: N_("with an interpreter"),
  supervisor: N_("with a supervisor"),
}

const PURPOSES = {
  "identity-card": N_("Your identity card"),
  "signed-form": N_("The signed form"),
  "housing-title": N_("The deed or tenancy agreement"),
  "form": N_("The form"),
  "document": N_("A document"),
}

const HELP = {
  raised: N_("Help was called"),
  acknowledged: N_("Somebody will come to you"),
  on_the_way: N_("Somebody is on the way"),
  with_citizen: N_("Somebody is with you"),
}

// The picture, what is wrong, and what the citizen can do: nothing where somebody has to come.
const ATTENTION = {
  paper_empty: ["paper-empty", N_("The printer has no paper.")],
  paper_jam: ["paper-jam", N_("The paper is stuck.")],
  cover_open: ["lid-open", N_("The lid is open."), N_("Please close it.")],
  feeder_empty: ["feeder", N_("The scanner has no sheets."), N_("Put them in from above.")],
  feeder_jam: ["paper-jam", N_("The sheet is stuck.")],
  feeder_double: ["feeder", N_("Two sheets went in together."), N_("Put them in again.")],
  feeder_mispick: ["feeder", N_("The sheet did not go in."), N_("Put it in again.")],
  output_full: ["paper-from-printer", N_("The printer's tray is full."), N_("Take the papers out, please.")],
  ink_low: ["ink", N_("The printer has little ink."), N_("It goes on for now.")],
  ink_empty: ["ink", N_("The printer has no ink.")],
  device_busy: ["device", N_("The device is busy."), N_("One moment, please.")],
  device_offline: ["device", N_("The device does not answer.")],
  needs_login: ["device", N_("The device is locked.")],
  wrong_media: ["paper-empty", N_("This is the wrong paper.")],
  page_too_long: ["page-on-glass", N_("The sheet is too long."), N_("Your clerk will tell you what to do.")],
  unknown: ["device", N_("The device needs a hand.")],
}
