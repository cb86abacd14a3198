// What the counter's screen does by itself: it has a name signed, and takes a picture. Pure.
// @ts-check
import { isOpen } from "./jobs.js"
import { whyNotDevice, whyNotVisit } from "./steps.js"

export const SIGNATURE = "screen:signature"
export const CAMERA = "screen:camera"

/** Whether a job asks for a signature on the screen. */
export function isSignature(job) {
  return job?.device?.id === SIGNATURE
}

/** Whether a job is a picture of a paper under the document camera. */
export function isPicture(job) {
  return job?.device?.id === CAMERA
}

/** Why nothing can be signed now: a key, or null when it can. */
export function whyNotSign(visit) {
  return whyNotScreen(visit, { can: visit?.can_sign, word: "sign", is: isSignature })
}

/** Why no picture can be taken now: a key, or null when it can. */
export function whyNotPicture(visit) {
  return whyNotScreen(visit, { can: visit?.can_photograph, word: "picture", is: isPicture })
}

/** Why what a job did cannot be done once more: a key, or null when it can. */
export function whyNotAgain(visit, job, kind = job?.kind) {
  if (isSignature(job)) return whyNotSign(visit)
  return isPicture(job) ? whyNotPicture(visit) : whyNotDevice(visit, kind)
}

function whyNotScreen(visit, { can, word, is }) {
  const why = whyNotVisit(visit)
  if (why) return why
  if (!can) return `no-${word}-device`
  if ((visit.jobs ?? []).some((job) => isOpen(job) && is(job))) return `${word}-under-way`
  return visit.is_paused ? "paused" : null
}

/** The job that a page came from, or null. */
export function jobOfPage(visit, page) {
  return (visit?.jobs ?? []).find((job) => job.id === page.job) ?? null
}

/** The body of a request for a signature, without its key; `page` is the one it takes the place of. */
export function signRequest(step, page = null) {
  const body = { kind: "scan", device: SIGNATURE, step: step.id }
  return page ? { ...body, replaces: page.id } : body
}

/** The body of a request for a picture, for the step that wants a page if any; `page` as above. */
export function pictureRequest(step, page = null) {
  const body = { kind: "scan", device: CAMERA }
  if (step) body.step = step.id
  if (step?.document) body.document = step.document
  return page ? { ...body, replaces: page.id } : body
}
