// Device jobs as the desk sees them. Pure.
// @ts-check

const OPEN = new Set(["requested", "awaiting_consent", "queued", "running", "needs_attention"])
const AT_DEVICE = new Set(["queued", "running", "needs_attention"])
const BAD_ENDS = new Set(["refused", "failed", "cancelled", "expired"])
/** Bad ends that the clerk has not brought about. */
const TROUBLES = new Set(["refused", "failed", "expired"])
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

/** The scan that waits for its next page, or null. */
export function pageAwaited(visit) {
  return (visit?.jobs ?? []).find((job) => Boolean(job.awaits_page)) ?? null
}

/** The newest open job of a kind, or null. */
export function openJob(visit, kind) {
  return (visit?.jobs ?? []).find((job) => job.kind === kind && isOpen(job)) ?? null
}

/**
 * What the clerk must have in sight, newest first: all that waits for somebody, what went wrong last
 * with a kind of device, until it is tried again or its step is done, and what an action answered;
 * or until the clerk has `seen` it.
 */
export function pinnedJobs(visit, seen = []) {
  const jobs = visit?.jobs ?? []
  const newest = (kind) => jobs.find((job) => job.kind === kind)
  const isDone = ({ step }) => (visit?.services ?? []).some(({ steps = [] }) =>
    steps.some((one) => one.id === step && one.state === "done"))
  const isTrouble = (job) => TROUBLES.has(job.state) && job === newest(job.kind) &&
    !seen.includes(job.id) && !isDone(job)
  const isAnswer = (job) => Object.keys(job.answer ?? {}).length > 0 && job === newest(job.kind) && !seen.includes(job.id)
  return jobs.filter((job) => isOpen(job) || awaitsConfirmation(job) || isTrouble(job) || isAnswer(job))
}

/** The newest of what has ended and needs nobody's eye. */
export function pastJobs(visit, seen = []) {
  const pinned = pinnedJobs(visit, seen)
  return (visit?.jobs ?? []).filter((job) => !pinned.includes(job)).slice(0, SHOWN_ENDED)
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
  return !endedBadly(job) && !hasArrived(visit, preview)
}

/** How a job that ended badly is asked for again: the body of the request, without its key. */
export function repetitionOf(job, visit) {
  const { kind, options, document, step, side, replaces } = job
  const body = { kind, device: job.device?.id, options: options ?? {} }
  if (document) body.document = document
  if (step) body.step = step
  if (side) body.side = side
  // The page that was to be scanned again, unless it was removed meanwhile.
  if (hasPage(visit, replaces)) body.replaces = replaces
  // So that whoever reads the record sees that one paper was printed twice, and why.
  if (kind === "print") body.repeats = job.id
  return body
}

function hasPage(visit, id) {
  return (visit?.documents ?? []).some(({ pages = [] }) => pages.some((page) => page.id === id))
}

/** Whether the page that the preview shows is among the documents. */
export function hasArrived(visit, { job, page }) {
  const seen = (one) => one.job === job && one.number === page && one.state !== "quarantine"
  return (visit?.documents ?? []).some((document) => (document.pages ?? []).some(seen))
}
