// Having something signed on the counter's screen. Pure.
// @ts-check
import { isOpen } from "./jobs.js"
import { whyNotDevice, whyNotVisit } from "./steps.js"

export const SIGNATURE = "screen:signature"

/** Whether a job asks for a signature on the screen. */
export function isSignature(job) {
  return job?.device?.id === SIGNATURE
}

/** Why nothing can be signed now: a key, or null when it can. */
export function whyNotSign(visit) {
  const why = whyNotVisit(visit)
  if (why) return why
  if (!visit.can_sign) return "no-sign-device"
  if ((visit.jobs ?? []).some((job) => isOpen(job) && isSignature(job))) return "sign-under-way"
  return visit.is_paused ? "paused" : null
}

/** Why what a job did cannot be done once more: a key, or null when it can. */
export function whyNotAgain(visit, job, kind = job?.kind) {
  return isSignature(job) ? whyNotSign(visit) : whyNotDevice(visit, kind)
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
