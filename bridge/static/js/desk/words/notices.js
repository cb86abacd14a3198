// What notices inside the meeting say, and their buttons.
// @ts-check
import { faultOf } from "../../lib/faults.js"
import { gettext, N_, pick } from "../../lib/gettext.js"
import { isPicture, isSignature } from "../models/screen.js"
import { purposeText, words } from "./panel.js"

const ACTS = {
  accept: N_("Accept"), again: N_("Scan again"), yes: N_("Yes, it is there"), no: N_("No"),
  repeat: N_("Try again"), stop: N_("Stop"), next: N_("Scan the next page"), last: N_("That was all"),
}
const CAMERA_FAULTS = {
  "camera-missing": N_("The counter has no document camera."),
  "camera-refused": N_("The counter's screen may not use the document camera."),
  "camera-busy": N_("The document camera does not work."),
}

/** A notice of models/notices.js as <oac-meeting> shows it. */
export function noticeText(notice) {
  const known = isPicture(notice.job) || isSignature(notice.job) ? { ...ACTS, again: ACTS.repeat } : ACTS
  const actions = notice.acts.map((id) => ({ id, text: gettext(known[id]) }))
  return { key: notice.key, look: "normal", ...TEXTS[notice.kind](notice), actions }
}

/** Why the document camera could not be turned on. */
export function cameraFaultText(fault) {
  const text = CAMERA_FAULTS[fault] ?? CAMERA_FAULTS["camera-busy"] // outside: not a text to extract
  return gettext(text)
}

const TEXTS = {
  scan: ({ job, document, pages, step }) => ({
    title: isPicture(job) ? gettext("Picture ready") : isSignature(job) ? gettext("Signature ready") : gettext("Scan ready"),
    look: pages.some(({ problems }) => problems.length) ? "warning" : "success",
    text: [`${pick(step?.title ?? document.title)} · ${words.pages(pages.length)}`,
      ...pages.flatMap(({ problems }) => problems.map(({ text }) => text))].join(" "),
  }),
  print: ({ job }) => ({ title: gettext("Did the paper come out?"), text: purposeText(job.purpose) }),
  refused: ({ job }) => job.reason === "on-paper" ? fault(job.reason) : ({ title: gettext("The citizen refused."), text: whatText(job), look: "warning" }),
  expired: ({ job }) => ({ title: gettext("Nobody answered in time"), text: whatText(job), look: "warning" }),
  failed: ({ job }) => fault(job.reason, nameOf(job)),
  attention: ({ reason, job, device }) => fault(reason, job ? nameOf(job) : device),
  page: ({ job }) => ({ title: faultOf(job.reason).what, text: `${whatText(job)} · ${words.pageNumber(job.awaits_page)}` }),
  camera: (notice) => ({ title: cameraFaultText(notice.fault), text: gettext("The person is shown again."), look: "warning" }),
}

/** What does a job: an action's device has no name that a person knows. */
function nameOf(job) {
  return job.kind === "action" ? pick(job.title) : job.device?.name
}

function whatText(job) {
  return purposeText(job.title ?? job.purpose)
}

function fault(reason, device) {
  const { what, remedy } = faultOf(reason)
  return { title: device ? `${device}: ${what}` : what, text: remedy, look: "warning" }
}
