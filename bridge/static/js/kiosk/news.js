// What the citizen is answered: what became of the last job, or of a call that nobody came to.
// @ts-check
import { gettext, N_ } from "../lib/gettext.js"
import { CAMERA } from "./camera.js"
import { SIGNATURE } from "./jobs.js"
import { missedBetween } from "./screen.js"

const SAID_MS = 10_000
const MISSED_MS = 90_000

/** Have the answer on the screen for a while when one KioskState follows another. */
export function answer(shown, before, after) {
  const [ended, missed] = [endedBetween(before, after), missedBetween(before, after)]
  if (ended) shown.show("said", answerOf(ended), SAID_MS)
  if (missed) shown.show("missed", missed, MISSED_MS)
}

/** The job that has ended between two KioskStates of one visit, or null. */
export function endedBetween(before, after) {
  if (!before?.visit || before.visit.id !== after?.visit?.id) return null
  const [was, is] = [before.last_job, after.last_job]
  const isNew = is && !(was?.id === is.id && was.state === is.state)
  // "Everything is stopped" is answer enough.
  return isNew && !after.visit.is_paused ? is : null
}

/** What is said of a job that has ended, and whether what was asked for has been done. */
export function answerOf(job) {
  return { text: answerText(job), isDone: DONE.has(job.state) }
}

/** One short sentence about a job that has ended. */
export function answerText({ kind, state, reason, device }) {
  const what = { [SIGNATURE]: "sign", [CAMERA]: "photograph" }[device?.id] ?? kind
  const known = ANSWERS[reason] ?? ANSWERS[`${what} ${state}`] ?? ANSWERS[state]
  return known ? gettext(known) : ""
}

const DONE = new Set(["produced", "confirmed"])

const ANSWERS = {
  "not-come-out": N_("Your clerk has been told."),
  "on-paper": N_("You sign on paper. Your clerk has been told."),
  "sign refused": N_("Nothing is signed."),
  "sign produced": N_("It is signed."),
  "photograph refused": N_("No picture is taken."),
  "photograph produced": N_("The picture is taken."),
  "scan refused": N_("Nothing is scanned."),
  "print refused": N_("Nothing is printed."),
  "action refused": N_("Nothing is done."),
  "failed": N_("It did not work. Your clerk knows."),
  "cancelled": N_("Your clerk has stopped it."),
  "expired": N_("Nobody answered: nothing is done."),
  "scan produced": N_("The page is scanned."),
  "action produced": N_("It is done."),
  "confirmed": N_("Your clerk knows: it came out."),
}
