// What plugins add to the counter: a button for each action, its form above it, and their trouble.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { actionOfStep, actionsOf, handleOf, rowsOf, whyNotAction } from "../models/actions.js"
import { currentStep } from "../models/steps.js"
import { words } from "../words/actions.js"
import { button, tick } from "./parts.js"

export function actions(state, acts) {
  const { visit } = state.server
  const inStep = actionOfStep(visit, currentStep(visit))
  const others = actionsOf(visit).filter((action) => action !== inStep)
  if (!others.length) return nothing
  return html`<section class="panel-part panel-actions" aria-label=${words.actions}>
    <h2>${words.actions}</h2>${others.map((action) => one(action, state, acts))}</section>`
}

/** The button, and the form, of the action that the open step needs. */
export function stepAction(state, acts) {
  const { visit } = state.server
  const action = actionOfStep(visit, currentStep(visit))
  return action ? one(action, state, acts) : nothing
}

/** What an action said, as its plugin declared it. */
export function answer(visit, job) {
  const rows = rowsOf(visit, job)
  if (!rows.length) return nothing
  return html`<dl class="job-answer" data-oac="job-answer">${rows.map(([label, value]) => html`
    <div><dt>${pick(label)}</dt><dd>${value === true ? words.yes : value === false ? words.no : value}</dd></div>`)}</dl>`
}

/** What filters did to the pages of a scan: never silent. */
export function filtered(job) {
  return html`${job.dropped ? html`<p class="soft" data-oac="pages-dropped">${words.dropped(job.dropped)}</p>` : nothing}
    ${job.filters_failed ? html`<p class="notice">${words.filterFailed}</p>` : nothing}`
}

/** Plugins that are not used: the visit goes on without them, and somebody is told. */
export function pluginsOff({ plugins_off: off = [], is_safe: isSafe = false }) {
  if (!off.length && !isSafe) return nothing
  return html`<div class="notice" role="status" data-oac="plugins-off">
    ${isSafe ? html`<p>${words.safeMode}</p>` : nothing}${off.length ? html`<p>${words.off(off.join(", "))}</p>` : nothing}</div>`
}

/** What the counter's computer found wrong when it looked at itself. */
export function troubles({ troubles: found = [] }) {
  if (!found.length) return nothing
  return html`<div class="notice" role="status" data-oac="self-test">
    <p>${words.troubles([...new Set(found.map(words.trouble))].join(", "))}</p></div>`
}

/** The filters that the clerk may ask for with a scan. */
export function filters(state, acts) {
  const { visit } = state.server
  return (visit.filters ?? []).map(({ key, title }) => tick(pick(title), state.choices.filters?.[key] === true,
    { handle: `scan-filter-${key}`, act: (isChosen) => acts.chooseFilter(key, isChosen) }))
}

function one(action, state, acts) {
  const filled = state.choices[`action ${action.key}`] ?? {}
  return html`<div class="device-acts" role="group" aria-label=${pick(action.title)}>
    ${action.fields.map((field) => fieldOf(field, filled[field.key], (value) => acts.fill(action, field.key, value)))}
    ${button({
      handle: handleOf(action), label: pick(action.title), isBusy: state.busy[`action ${action.key}`],
      why: whyNotAction(state.server.visit, action), act: () => acts.runAction(action),
    })}</div>`
}

function fieldOf(field, value, act) {
  const label = pick(field.label)
  const handle = `field-${field.key}`
  if (field.kind === "tick") return tick(label, value === true, { handle, act })
  if (field.kind === "choice") {
    return html`<label class="field choice"><span>${label}</span>
      <select data-oac=${handle} ?required=${field.is_required} .value=${value ?? ""} @change=${(event) => act(event.target.value)}>
        <option value="">${words.choose}</option>
        ${field.choices.map((choice) => html`<option value=${choice.key} ?selected=${choice.key === value}>${pick(choice.label)}</option>`)}
      </select></label>`
  }
  const isNumber = field.kind === "number"
  return html`<label class="field choice"><span>${label}</span>
    <input data-oac=${handle} type=${isNumber ? "number" : "text"} ?required=${field.is_required} autocomplete="off"
      min=${isNumber ? field.least : nothing} max=${isNumber ? field.most : nothing}
      maxlength=${isNumber ? nothing : field.most} .value=${value ?? ""} @input=${(event) => act(event.target.value)}></label>`
}
