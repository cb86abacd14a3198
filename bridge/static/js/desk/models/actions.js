// What plugins add to a counter: actions with their forms, filters for pages. Pure.
// @ts-check
import { isOpen } from "./jobs.js"
import { whyNotMeeting } from "./steps.js"

const PREFIX = "action-"

/** The actions that the counter of the visit offers. */
export function actionsOf(visit) {
  return visit?.actions ?? []
}

/** The action that a step needs, or null. */
export function actionOfStep(visit, step) {
  return actionsOf(visit).find((action) => step?.action && action.key === step.action) ?? null
}

/** The handle of an action's button, in the panel and in the meeting. */
export function handleOf(action) {
  return `action-${action.key}`
}

/** The key of the action that a button's handle means, or null. */
export function keyOf(handle) {
  return handle.startsWith(PREFIX) ? handle.slice(PREFIX.length) : null
}

/** Why an action cannot be run now: a key, or null when it can. */
export function whyNotAction(visit, action) {
  const why = whyNotMeeting(visit)
  if (why) return why
  if ((visit.jobs ?? []).some((job) => isOpen(job) && job.device.id === action.device)) return "action-under-way"
  return visit.is_paused ? "paused" : null
}

/** What the form holds, as the bridge takes it: numbers as numbers, nothing for what is empty. */
export function valuesOf(action, filled = {}) {
  const values = {}
  for (const { key, kind } of action.fields) {
    const value = filled[key]
    if (kind === "tick") values[key] = value === true
    else if (value !== undefined && String(value).trim() !== "") values[key] = kind === "number" ? Number(value) : value
  }
  return values
}

/** The first field that still has to be filled in, or null. */
export function lackingField(action, filled = {}) {
  const values = valuesOf(action, filled)
  return action.fields.find((field) => field.is_required && !(field.key in values)) ?? null
}

/** The body of a request for an action, without its key. */
export function actionRequest({ visit, action, filled }) {
  const step = (visit.services ?? []).flatMap((service) => service.steps ?? []).find((one) => one.id === visit.current_step)
  const body = { kind: "action", device: action.device, options: valuesOf(action, filled) }
  if (step?.action === action.key) body.step = step.id
  return body
}

/** What a job's answer says, row by row as its action declared them: [label, value]. */
export function rowsOf(visit, job) {
  const action = actionsOf(visit).find((one) => one.device === job.device?.id)
  return (action?.rows ?? []).filter(({ key }) => key in (job.answer ?? {})).map(({ key, label }) => [label, job.answer[key]])
}
