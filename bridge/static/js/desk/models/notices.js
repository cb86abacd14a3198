// What the clerk is told inside the meeting, where the panel may be out of sight: only what holds
// now and waits for somebody. What was answered, or came to nothing, is not in the list. Pure.
// @ts-check
import { wantedSide } from "./card.js"
import { awaitsConfirmation } from "./jobs.js"
import { allSteps } from "./steps.js"

const SHOWN = new Set(["visible", "barred"])

/**
 * The notices of a visit: `{key, kind, acts}` with the facts of the kind. `put` holds the keys of
 * those that the clerk put away.
 */
export function noticesOf(visit, put = {}) {
  if (!visit || visit.ended_at) return []
  const found = [...scanReady(visit), ...prints(visit), ...badEnds(visit), ...attention(visit), ...noCamera(visit)]
  return newestOfKinds(found.filter(({ key }) => !put[key]))
}

/** One of a kind, the newest: what lies under it is told once that is settled, and stands in the panel. */
function newestOfKinds(notices) {
  return notices.filter(({ kind }, at) => notices.findIndex((other) => other.kind === kind) === at)
}

function newest(visit, kind) {
  return visit.jobs.find((job) => job.kind === kind) ?? null
}

/** The pages of the last scan, until its step is done or left, they are gone, or another scan begins. */
function scanReady(visit) {
  const job = newest(visit, "scan")
  if (job?.state !== "produced") return []
  const ofJob = (page) => page.job === job.id && SHOWN.has(page.state)
  const document = visit.documents.find((one) => (one.pages ?? []).some(ofJob))
  const step = allSteps(visit).find(({ id }) => id === document?.step) ?? null
  if (!document || step?.state === "done" || (step && step.id !== visit.current_step)) return []
  // Pages of no step have none to be left: any other order says that the clerk went on.
  if (!step && visit.jobs[0] !== job) return []
  const pages = document.pages.filter(ofJob)
  // One side of a card is not yet what the step wants.
  const isFit = pages.every(({ state }) => state === "visible") && !wantedSide(visit, step)
  const acts = [...(isFit ? ["accept"] : []), ...(pages.length === 1 ? ["again"] : [])]
  return [{ key: `scan:${pages.map(({ id }) => id).join(",")}`, kind: "scan", acts, job, document, pages, step }]
}

function prints(visit) {
  return visit.jobs.filter(awaitsConfirmation).map((job) => ({ key: `print:${job.id}`, kind: "print", acts: ["yes", "no"], job }))
}

/** What was refused or went wrong, until it is asked for again. */
function badEnds(visit) {
  const jobs = ["scan", "print", "action"].map((kind) => newest(visit, kind))
  return jobs
    .filter((job) => job && ["refused", "failed", "expired"].includes(job.state))
    .map((job) => ({ key: `${job.state}:${job.id}`, kind: job.state, acts: ["repeat"], job }))
}

/** Devices that wait for a person: with the job that waits for it, or by themselves. */
function attention(visit) {
  const held = visit.jobs.filter(({ state }) => state === "needs_attention")
  const ofJobs = held.map((job) => job.awaits_page
    ? { key: `page:${job.id}:${job.awaits_page}`, kind: "page", acts: ["next", "last"], job }
    : { key: `attention:${job.id}:${job.reason}`, kind: "attention", acts: ["stop"], job, reason: job.reason })
  const isHeld = (device) => held.some((job) => job.device?.id === device.id)
  const others = visit.devices.filter((device) => device.is_present && device.attention && !isHeld(device))
  return [...ofJobs, ...others.map(({ id, name, attention: reason }) => ({ key: `attention:${id}:${reason}`, kind: "attention", acts: [], device: name, reason }))]
}

function noCamera({ camera_fault: fault }) {
  return fault ? [{ key: `camera:${fault}`, kind: "camera", acts: [], fault }] : []
}
