// What the devices are doing: each job's state, progress, live preview, and what may be done about it.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { faultOf } from "../../lib/faults.js"
import { pick } from "../../lib/gettext.js"
import { repeat } from "../../../vendor/lit-html/directives/repeat.js"
import { awaitsConfirmation, endedBadly, fractionOf, isOpen, isPreviewShown, shownJobs } from "../models/jobs.js"
import { allSteps, whyNotDevice } from "../models/steps.js"
import { purposeText, words } from "../words/panel.js"
import { jobText } from "../words/states.js"
import { answer, filtered } from "./actions.js"
import { button } from "./parts.js"

export function jobs(state, acts, preview) {
  const shown = shownJobs(state.server.visit)
  if (!shown.length) return nothing
  return html`<section class="panel-part panel-jobs">
    ${repeat(shown, (job) => job.id, (job) => jobCard(job, state, { acts, preview }))}
  </section>`
}

function jobCard(job, state, { acts, preview }) {
  const { visit } = state.server
  const step = allSteps(visit).find((one) => one.id === job.step) ?? null
  const what = { scan: words.scanJob, print: words.printJob }[job.kind]
  const isLive = preview.sheet.job === job.id && isPreviewShown(visit, preview.sheet)
  return html`<article class="job" data-oac="job" data-state=${job.state} data-kind=${job.kind} data-job=${job.id}>
    <p class="job-what">${step ? pick(step.title) : job.title ? html`<strong>${pick(job.title)}</strong>` : html`<strong>${what}</strong> ${purposeText(job.purpose)}`}</p>
    <p class="job-state" role="status">${jobText(job)}${job.pages ? ` · ${words.pages(job.pages)}` : ""}</p>
    ${isOpen(job) ? progress(job, state) : nothing}
    ${reason(job)}${answer(visit, job)}${filtered(job)}
    ${decisions(job, state, acts)}
    ${isLive ? live(preview) : nothing}
  </article>`
}

function progress(job, { progress: told }) {
  const fraction = fractionOf(job, told)
  if (job.state !== "running") return nothing
  return fraction === null
    ? html`<progress class="progress"></progress>`
    : html`<progress class="progress" max="1" .value=${fraction}></progress>`
}

function live({ canvas, sheet }) {
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", words.live)
  return html`<figure class="live-preview" data-oac="live-preview" data-page=${sheet.page}
    data-rows=${sheet.filled}>${canvas}</figure>`
}

function reason(job) {
  if (!job.reason || !(job.state === "needs_attention" || job.state === "failed")) return nothing
  const { what, remedy } = faultOf(job.reason)
  return html`<p class="notice ${job.state === "failed" ? "notice-danger" : ""} job-reason" data-reason=${job.reason}>
    <span><strong>${what}</strong> ${remedy}</span></p>`
}

function decisions(job, { busy, server }, acts) {
  const isBusy = busy[`cancel ${job.id}`] || busy[`confirm ${job.id}`]
  if (awaitsConfirmation(job)) {
    return html`<div class="job-acts">
      ${button({ handle: `printed-yes`, label: words.cameOutYes, sign: "tick", look: "button-good", isBusy, act: () => acts.confirm(job, true) })}
      ${button({ handle: `printed-no`, label: words.cameOutNo, isBusy, act: () => acts.confirm(job, false) })}</div>`
  }
  if (endedBadly(job) && job.kind !== "action" && !server.visit.ended_at) {
    return html`<div class="job-acts">${button({
      handle: `job-again`, label: words.tryAgain, sign: "again", isBusy: busy[job.kind],
      why: whyNotDevice(server.visit, job.kind), act: () => acts.again(job),
    })}</div>`
  }
  if (!isOpen(job)) return nothing
  return html`<div class="job-acts">${button({
    handle: { scan: `scan-stop`, print: `print-stop`, action: `action-stop` }[job.kind], label: words.stop, sign: "stop", look: "button-danger",
    isBusy, act: () => acts.cancel(job),
  })}</div>`
}
