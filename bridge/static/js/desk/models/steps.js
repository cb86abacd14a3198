// Steps of a visit, and what a step means for a scan or a print. Pure.
// @ts-check
import { openJob, pageAwaited } from "./jobs.js"

const RESOLUTIONS = Object.freeze([200, 300, 400, 600])
export const SOURCES = Object.freeze(["glass", "feeder", "feeder_duplex"])
export const COLOURS = Object.freeze(["colour", "grey"])
/** No lower resolution is allowed in a digitised document (NTI de Digitalización, 2011). */
const LEAST_DPI = 200
const PLAIN_SCAN = Object.freeze({ resolution_dpi: 300, colour: "colour", source: "glass" })

/** Every step of every service, in order. */
export function allSteps(visit) {
  return (visit?.services ?? []).flatMap((service) => service.steps ?? [])
}

export function currentStep(visit) {
  return allSteps(visit).find((step) => step.id === visit.current_step) ?? null
}

/** What a device does for a step, "scan" or "print", or null: its button stands in the step. */
export function deviceActOf(step) {
  return step?.scan ? "scan" : step?.proof === "print" ? "print" : null
}

/** Whether a document has a page already, so that the next one is one more. */
export function hasPages(visit, id) {
  return (visit?.documents ?? []).some((one) => one.id === id && one.pages?.length > 0)
}

/** How many steps of the visit are done, counted over all services. */
export function progressOf(visit) {
  const steps = allSteps(visit)
  return { done: steps.filter((step) => step.state === "done").length, total: steps.length }
}

/** Devices that can do `capability`: those that are ready first, then by name. */
export function devicesFor(visit, capability) {
  const rank = (device) => (device.is_present ? 0 : 2) + (device.attention ? 1 : 0)
  return (visit?.devices ?? [])
    .filter((device) => (device.capabilities ?? []).includes(capability))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}

/** What a scanner offers; one that did not say is offered what is usual. */
export function offerOf(device) {
  const offered = (list, usual) => (list?.length ? list : usual)
  const resolutions = offered(device?.resolutions_dpi, RESOLUTIONS)
  const lawful = resolutions.filter((dpi) => dpi >= LEAST_DPI)
  return {
    resolutions: lawful.length ? lawful : resolutions,
    sources: offered(device?.sources, SOURCES),
    colours: offered(device?.colours, COLOURS),
  }
}

/**
 * The options of the next scan as the device can: what was chosen, else what the step wants, else how
 * the device was last used. `quality` is what the page is for; numbers that are chosen go before it.
 */
export function scanOptions({ device, step, chosen = {} }) {
  const offer = offerOf(device)
  const said = step?.scan ?? device?.last_choice ?? {}
  const quality = chosen.quality ?? step?.scan?.quality
  const numbers = chosen.quality ? {} : { resolution_dpi: said.resolution_dpi, colour: said.colour }
  const wanted = {
    ...PLAIN_SCAN, ...told(device?.qualities?.[quality]), ...told(device?.last_choice, "source"), ...told(numbers),
    ...told(step?.scan, "source", "page_by_page"), ...told(chosen),
  }
  return {
    ...(wanted.page_by_page ? { page_by_page: true } : {}),
    resolution_dpi: nearestFrom(offer.resolutions, Number(wanted.resolution_dpi)),
    colour: oneOf(offer.colours, wanted.colour),
    source: oneOf(offer.sources, wanted.source),
  }
}

/**
 * What a page so scanned is for: what was chosen or what the step names, with whatever numbers the step
 * has of its own. Numbers that somebody chose are called by what they mean; "" when they mean nothing.
 */
export function qualityOf({ device, step, options, chosen = {} }) {
  const qualities = device?.qualities ?? {}
  const isSame = (numbers) => numbers.resolution_dpi === options.resolution_dpi && numbers.colour === options.colour
  const named = chosen.quality ?? step?.scan?.quality
  if (named in qualities && isSame(scanOptions({ device, step, chosen: { quality: chosen.quality } }))) return named
  return Object.keys(qualities).find((key) => isSame(qualities[key])) ?? ""
}

/** Those of `fields` that say something, or of all its fields. */
function told(fields, ...names) {
  return Object.fromEntries(Object.entries(fields ?? {})
    .filter(([name, value]) => value !== null && value !== undefined && (!names.length || names.includes(name))))
}

/** The device that is used: the chosen one while it is there, else the first. */
export function chosenDevice(devices, id) {
  return devices.find((device) => device.id === id) ?? devices[0] ?? null
}

/** The body of a request for a scan, without its key. A step's next page joins its document. */
export function scanRequest({ device, step, options, side = null }) {
  const body = { kind: "scan", device: device.id, options }
  if (side) body.side = side
  if (step) body.step = step.id
  if (step?.document) body.document = step.document
  return body
}

/** The body that scans one page again, as it was scanned before where that is known. */
export function pageAgainRequest({ visit, document, page, device, step }) {
  const before = (visit.jobs ?? []).find((job) => job.id === page.job)
  const chosen = { ...before?.options, page_by_page: false }
  const options = scanOptions({ device, step, chosen })
  const body = { kind: "scan", device: device.id, options, document: document.id, replaces: page.id }
  if (document.step) body.step = document.step
  return body
}

/** The forms of the visit's procedures, that of the step first. */
export function formsOf(visit, step) {
  const forms = visit?.forms ?? []
  return [...forms].sort((a, b) => Number(b.key === step?.form) - Number(a.key === step?.form))
}

/** Why nobody can be asked for anything now: a key, or null when they can. */
export function whyNotVisit(visit) {
  if (!visit) return "no-visit"
  if (visit.ended_at || visit.ticket.state === "wrap_up") return "visit-ended"
  return ["called", "parked"].includes(visit.ticket.state) ? "citizen-away" : null
}

/** Why nothing can be done by the counter's computer now: a key, or null when it can. */
export function whyNotMeeting(visit) {
  return whyNotVisit(visit) ?? (visit.agent ? null : "no-agent")
}

/** Why nothing can be scanned or printed now: a key, or null when it can. */
export function whyNotDevice(visit, kind) {
  const why = whyNotMeeting(visit)
  if (why) return why
  const devices = devicesFor(visit, kind)
  if (!devices.length) return `no-${kind}-device`
  if (!devices.some((device) => device.is_present)) return `${kind}-device-away`
  if (openJob(visit, kind)) return `${kind}-under-way`
  return visit.is_paused ? "paused" : null
}

/** Why the scan button rests: a scan that waits for its next page goes on with it. */
export function whyNotScan(visit) {
  return pageAwaited(visit) ? whyNotMeeting(visit) : whyNotDevice(visit, "scan")
}

function nearestFrom(offered, wanted) {
  // Upwards first: less than what the step asks for may not be enough.
  const sorted = [...offered].sort((a, b) => a - b)
  return sorted.find((dpi) => dpi >= wanted) ?? sorted.at(-1)
}

function oneOf(offered, wanted) {
  return offered.includes(wanted) ? wanted : offered[0]
}
