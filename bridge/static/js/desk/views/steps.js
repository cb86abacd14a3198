// The steps of every service; the current one is open: what to check, what the citizen reads.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { repeat } from "../../../vendor/lit-html/directives/repeat.js"
import { progressOf } from "../models/steps.js"
import { KEYS } from "../shortcuts.js"
import { words } from "../words/panel.js"
import { stepText } from "../words/states.js"
import { stepAction } from "./actions.js"
import { stepDevice } from "./devices.js"
import { stepPapers } from "./documents.js"
import { button } from "./parts.js"
import { stepSignature } from "./screen.js"

const SIGNS = { to_do: "", done: "✓", to_correct: "!" }

export function steps(state, acts) {
  const { visit } = state.server
  const { done, total } = progressOf(visit)
  return html`<section class="panel-part" aria-label=${words.steps}>
    ${visit.ticket.note ? html`<p class="notice panel-notice"><span><strong>${words.handedOn}:</strong> ${visit.ticket.note}</span></p>` : nothing}
    <div class="panel-title"><h2>${words.steps}</h2><p class="soft">${words.stepsDone(done, total)}</p></div>
    ${visit.services.filter((service) => service.steps.length).map((service) => html`
      ${visit.services.length > 1 ? html`<h3 class="service">${pick(service.title)}</h3>` : nothing}
      <ol class="steps">${repeat(service.steps, (step) => step.id, (step) => stepLine(step, state, acts))}</ol>`)}
  </section>`
}

function stepLine(step, state, acts) {
  const { visit } = state.server
  const isCurrent = step.id === visit.current_step
  return html`<li class="step" data-state=${step.state}>
    <button type="button" class="step-row" data-oac=${`step-${step.key}`} data-state=${step.state}
      aria-current=${isCurrent ? "step" : nothing} title=${isCurrent ? nothing : words.makeCurrent}
      @click=${() => isCurrent || visit.ended_at || acts.makeCurrent(step)}>
      <span class="step-sign" aria-hidden="true">${SIGNS[step.state]}</span>
      <span class="step-title">${pick(step.title)}</span>
      <span class=${step.state === "to_do" ? "only-heard" : "step-state"}>${stepText(step.state)}</span>
    </button>
    ${step.note && step.state === "to_correct" ? html`<p class="step-note">${step.note}</p>` : nothing}
    ${isCurrent && !visit.ended_at ? openStep(step, state, acts) : nothing}
  </li>`
}

function openStep(step, state, acts) {
  const { busy, choices, server } = state
  const { language } = server.visit.ticket
  const isBusy = busy[`step ${step.id}`]
  return html`<div class="step-open">
    ${pick(step.prompt) ? html`<p class="step-prompt"><strong>${words.check}:</strong> ${pick(step.prompt)}</p>` : nothing}
    <p class="step-text soft"><strong>${words.citizenSees}:</strong>
      <q lang=${language}>${pick(step.text, language)}</q></p>
    ${stepPapers(state, acts)}
    <div class="step-acts">
      ${stepDevice(state, acts)}${stepSignature(step, state, acts)}${stepAction(state, acts)}
      ${step.state === "done"
        ? button({ label: words.reopen, handle: `step-reopen`, isBusy, act: () => acts.stepTo(step, "to_do") })
        : button({
          handle: `step-done`, label: words.done, sign: "tick", hint: KEYS.stepDone, look: "button-good",
          isBusy, act: () => acts.stepTo(step, "done"),
        })}
    </div>
    <div class="step-acts">
      ${step.state === "to_correct" ? nothing : html`
        ${button({ handle: `step-correct`, label: words.correct, sign: "pencil", isBusy, act: () => acts.stepTo(step, "to_correct") })}
        <input class="step-remark" type="text" maxlength="300" aria-label=${words.note} title=${words.note} placeholder=${words.noteShort}
          .value=${choices.note} @input=${(event) => acts.remark(event.target.value)} />`}
    </div>
  </div>`
}
