// Device jobs as the desk sees them. Pure.
// @ts-check

const OPEN = new Set(["requested", "awaiting_consent", "queued", "running", "needs_attention"])
const AT_DEVICE = new Set(["queued", "running", "needs_attention"])
const BAD_ENDS = new Set(["refused", "failed", "cancelled", "expired"])
const SHOWN_ENDED = 2

/** Whether a job may still move by itself, and be stopped. */
export function isOpen(job) {
  return OPEN.has(job.state)
}

/** Whether a device has the job in hand. */
function isAtDevice(job) {
  return AT_DEVICE.has(job.state)
}

/** Whether the job ended without what it was for. */
export function endedBadly(job) {
  return BAD_ENDS.has(job.state)
}

/** Whether somebody has to say if the paper came out. */
export function awaitsConfirmation(job) {
  return job.kind === "print" && job.state === "produced"
}

/** The newest open job of a kind, or null. */
export function openJob(visit, kind) {
  return (visit?.jobs ?? []).find((job) => job.kind === kind && isOpen(job)) ?? null
}

/** What is worth showing, newest first: all that waits for somebody, and the newest ended ones. */
export function shownJobs(visit) {
  const jobs = visit?.jobs ?? []
  const ended = jobs.filter((job) => !isOpen(job) && !awaitsConfirmation(job)).slice(0, SHOWN_ENDED)
  return jobs.filter((job) => isOpen(job) || awaitsConfirmation(job) || ended.includes(job))
}

/** How far the device is, 0 to 1, or null when it does not say. */
export function fractionOf(job, progress) {
  const known = progress[job.id]
  if (!isAtDevice(job) || typeof known?.fraction !== "number") return null
  return Math.min(1, Math.max(0, known.fraction))
}

/**
 * Whether the live preview is worth its room: from the first strip until the page that it shows
 * is among the documents, or until the job ended without it.
 */
export function isPreviewShown(visit, preview) {
  const job = (visit?.jobs ?? []).find((one) => one.id === preview?.job)
  if (!job) return false
  if (isOpen(job)) return true
  return !endedBadly(job) && !pageArrived(visit, preview)
}

/** How a job that ended badly is asked for again: the body of the request, without its key. */
export function repetitionOf(job) {
  const { kind, options, document, step } = job
  const body = { kind, device: job.device?.id, options: options ?? {} }
  if (document) body.document = document
  if (step) body.step = step
  return body
}

function pageArrived(visit, { job, page }) {
  const seen = (one) => one.job === job && one.number === page && one.state !== "quarantine"
  return (visit.documents ?? []).some((document) => (document.pages ?? []).some(seen))
}
