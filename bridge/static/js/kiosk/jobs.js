// What the open device jobs mean for the citizen. Pure.
// @ts-check

/** The device of what is signed on this screen. */
export const SIGNATURE = "screen:signature"

const BUSY = new Set(["queued", "running"])

/**
 * The job that asks for consent, that needs a hand, that waits for the next page, that awaits "did it
 * come out?", and the one a device works on now; each the oldest of its kind, or null.
 */
export function sortJobs(jobs = []) {
  const oldestFirst = [...jobs].sort((a, b) => (a.requested_at < b.requested_at ? -1 : 1))
  const first = (test) => oldestFirst.find(test) ?? null
  return {
    consent: first((job) => job.state === "awaiting_consent"),
    attention: first((job) => job.state === "needs_attention" && !job.awaits_page),
    page: first((job) => Boolean(job.awaits_page)),
    question: first((job) => job.kind === "print" && job.state === "produced"),
    busy: first((job) => BUSY.has(job.state)),
  }
}

/** What the guide beside the clerk shows: the most urgent thing that waits for the citizen. */
export function guideOf({ visit, jobs, isSaying = false }) {
  const { consent, attention, page, question } = sortJobs(jobs)
  if (visit?.is_paused) return { kind: "paused" }
  if (consent) return { kind: consent.device?.id === SIGNATURE ? "sign" : "consent", job: consent }
  if (attention) return { kind: "attention", job: attention }
  if (question) return { kind: "question", job: question }
  if (page) return { kind: "page", job: page }
  if (isSaying) return { kind: "say" }
  return { kind: "step", step: visit?.step ?? null }
}

/**
 * Where the citizen is with what the step asks of them: it is still to be done (null), a device
 * works on it, a paper lies on the scanner, a paper has come out, or something went wrong.
 */
export function progressOf(step, { jobs, last_job: last }) {
  if (sortJobs(jobs).busy) return "working"
  if (!last || last.step !== step.id) return null
  if (last.state === "failed") return "failed"
  const isScanned = last.kind === "scan" && last.state === "produced" && !last.device?.id.startsWith("screen:")
  if (isScanned) return "scanned"
  return step.kind === "print" && last.state === "confirmed" ? "printed" : null
}

/** How far the device is with the job, 0 to 1, or null when it does not say. */
export function fractionOf(job, progress) {
  if (!job || progress?.job !== job.id || typeof progress.fraction !== "number") return null
  return Math.min(1, Math.max(0, progress.fraction))
}
