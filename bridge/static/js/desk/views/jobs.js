// What the devices are doing: each job's state and progress, and what may be done about it.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { faultOf } from "../../lib/faults.js"
import { pick } from "../../lib/gettext.js"
import { repeat } from "../../../vendor/lit-html/directives/repeat.js"
import { awaitsConfirmation, endedBadly, fractionOf, isOpen, isPreviewShown, pastJobs, pinnedJobs } from "../models/jobs.js"
import { whyNotAgain } from "../models/screen.js"
import { allSteps } from "../models/steps.js"
import { purposeText, words } from "../words/panel.js"
import { jobText } from "../words/states.js"
import { answer, filtered } from "./actions.js"
import { button } from "./parts.js"

/** What needs the clerk's eye; it stands above what scrolls. */
export function pinned(state, acts) {
  const shown = pinnedJobs(state.server.visit, state.seen)
  if (!shown.length) return nothing
  return html`<section class="panel-pinned" aria-label=${words.atWork} data-oac="pinned">
    ${repeat(shown, (job) => job.id, (job) => jobCard(job, state, acts))}
  </section>`
}

/** What has ended, for who looks for it. */
export function pastJobCards(state, acts) {
  const shown = pastJobs(state.server.visit, state.seen)
  if (!shown.length) return nothing
  return html`<section class="panel-part panel-jobs">
    ${repeat(shown, (job) => job.id, (job) => jobCard(job, state, acts))}
  </section>`
}

/** The page that is being scanned, from its first strip on. */
export function livePage({ server }, { canvas, sheet }) {
  if (!isPreviewShown(server.visit, sheet)) return nothing
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", words.live)
  return html`<figure class="live-preview" data-oac="live-preview" data-page=${sheet.page}
    data-rows=${sheet.filled}>${canvas}</figure>`
}

function jobCard(job, state, acts) {
  const { visit } = state.server
  const step = allSteps(visit).find((one) => one.id === job.step) ?? null
  const what = { scan: words.scanJob, print: words.printJob }[job.kind]
  return html`<article class="job" data-oac="job" data-state=${job.state} data-kind=${job.kind} data-job=${job.id}>
    <div class="job-head">
      <p class="job-what">${step ? pick(step.title) : job.title ? html`<strong>${pick(job.title)}</strong>` : html`<strong>${what}</strong> ${purposeText(job.purpose)}`}</p>
      <p class="job-state" role="status">${jobText(job)}${job.pages ? ` · ${words.pages(job.pages)}` : ""}</p>
    </div>
    ${isOpen(job) ? progress(job, state) : nothing}
    ${reason(job)}${answer(visit, job)}${filtered(job)}
    ${job.may_lie_there ? html`<p class="soft" data-oac="may-lie-there">${words.mayLieThere}</p>` : nothing}
    ${decisions(job, state, acts)}
  </article>`
}

function progress(job, { progress: told }) {
  const fraction = fractionOf(job, told)
  if (job.state !== "running") return nothing
  return fraction === null
    ? html`<progress class="progress"></progress>`
    : html`<progress class="progress" max="1" .value=${fraction}></progress>`
}

function reason(job) {
  if (!job.reason || !(["needs_attention", "failed"].includes(job.state) || job.reason === "on-paper")) return nothing
  const { what, remedy } = faultOf(job.reason)
  if (job.awaits_page) return html`<p class="soft">${remedy}</p>`
  return html`<p class="notice ${job.state === "failed" ? "notice-danger" : ""} job-reason" data-reason=${job.reason}>
    <span><strong>${what}</strong> ${remedy}</span></p>`
}

function decisions(job, { busy, server, seen }, acts) {
  const isBusy = busy[`cancel ${job.id}`] || busy[`confirm ${job.id}`] || (job.awaits_page && busy.scan)
  if (awaitsConfirmation(job)) {
    return html`<div class="job-acts">
      ${button({ handle: `printed-yes`, label: words.cameOutYes, sign: "tick", look: "button-good", isBusy, act: () => acts.confirm(job, true) })}
      ${button({ handle: `printed-no`, label: words.cameOutNo, isBusy, act: () => acts.confirm(job, false) })}</div>`
  }
  if (isOpen(job)) return stop(job, isBusy, acts)
  const canRepeat = endedBadly(job) && job.kind !== "action" && !server.visit.ended_at
  const isPinned = pinnedJobs(server.visit, seen).includes(job)
  if (!canRepeat && !isPinned) return nothing
  return html`<div class="job-acts">${canRepeat ? button({
      handle: `job-again`, label: words.tryAgain, sign: "again", isBusy: busy[job.kind],
      why: whyNotAgain(server.visit, job), act: () => acts.again(job),
    }) : nothing}${isPinned ? button({ handle: `job-seen`, label: words.seen, act: () => acts.see(job) }) : nothing}</div>`
}

function stop(job, isBusy, acts) {
  const turn = job.awaits_page ? html`
    ${button({ handle: `next-page`, label: words.scanNext, sign: "scan", look: "button-primary", isBusy, act: () => acts.turnPage(job) })}
    ${button({ handle: `last-page`, label: words.lastPage, sign: "tick", isBusy, act: () => acts.turnPage(job, true) })}` : nothing
  return html`<div class="job-acts">${turn}${button({
    handle: { scan: `scan-stop`, print: `print-stop`, action: `action-stop` }[job.kind], label: words.stop, sign: "stop", look: "button-danger",
    isBusy, act: () => acts.cancel(job),
  })}</div>`
}
