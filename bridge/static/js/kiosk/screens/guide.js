// What stands beside the clerk: the step, a request, a device's trouble, a question, the text line.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { CAMERA } from "../camera.js"
import { progressOf } from "../jobs.js"
import { picture } from "../pictures.js"
import { attentionOf, consentText, deviceText, purposeText, sideText } from "../sentences.js"
import { words } from "../words.js"
import { inside, plainButton } from "./parts.js"
import { saying } from "./saying.js"
import { signing } from "./signing.js"

/** The guide; the text line stays in the page when hidden, so that no letter is ever lost. */
export function guide(shown, state, acts) {
  const card = { step, consent, sign: signing, attention, question, page, paused }[shown.kind]
  return html`
    ${card ? card(shown, state, acts) : nothing}
    ${saying(state, acts, { isShown: shown.kind === "say" })}`
}

function step({ step: current }, state, acts) {
  if (!current) {
    return html`<article class="card" data-fit data-oac="step-current">
      ${picture("talk")}<h2>${words.listen}</h2>
    </article>`
  }
  const { name, text } = whatNow(current, state.server)
  return html`<article class="card" data-fit data-oac="step-current" data-step=${current.key} data-card=${current.card ?? nothing}>
    <div class="card-head">
      ${picture(name)}
      <p class="soft">${words.position(current.position, current.total)}</p>
      <button type="button" class="button larger" aria-pressed=${state.isLarge ? "true" : "false"}
        @click=${acts.toggleLarge}>${state.isLarge ? "A−" : "A+"}<span class="only-heard">${words.larger}</span></button>
    </div>
    <h2>${pick(current.title)}</h2>
    ${text ? html`<p>${text}</p>` : nothing}
  </article>`
}

/** The picture and the sentence of this moment: before it is done, what is to be done; then what comes. */
function whatNow(current, server) {
  const { name, text } = cardSide(current)
  const clerk = server.visit.clerk ?? words.theClerk
  const progress = progressOf(current, server)
  if (progress === "failed") return { name: "talk", text: words.waitFor(clerk) }
  if (progress === "working" || progress === "printed") return { name, text: "" }
  if (progress === "scanned" && !current.card) return { name, text: words.leavePaper(clerk) }
  return { name, text }
}

/** What lies on the glass next: the picture and the sentence of a card's side, else the step's own. */
function cardSide({ card, picture: own, text }) {
  if (card === "front") return { name: "card-front", text: pick(text) }
  if (card === "back") return { name: "card-turn", text: words.turnCard }
  if (card === "done") return { name: "take-papers", text: words.takeCard }
  return { name: own, text: pick(text) }
}

function consent({ job }, state, acts) {
  const answer = (allow) => () => acts.consent(job, allow)
  return html`<article class="card card-ask" data-fit data-oac="consent" role="alertdialog"
      tabindex="-1" aria-labelledby="consent-what" data-job=${job.id}>
    ${picture(job.device?.id === CAMERA ? "show-to-camera" : { scan: "scanner", print: "printer" }[job.kind] ?? "device")}
    <div id="consent-what">
      <p>${consentText(job)}</p>
      <h2>${job.consent ? pick(job.consent) : sideText(job) ?? purposeText(job.title ?? job.purpose, state.server.visit.step)}</h2>
      <p class="soft">${deviceText(job)}</p>
    </div>
    <div class="choices choices-equal">
      <button type="button" class="button" data-oac="consent-refuse" ?disabled=${state.isBusy}
        @click=${answer(false)}>${inside("cross", words.refuse)}</button>
      <button type="button" class="button" data-oac="consent-allow" ?disabled=${state.isBusy}
        @click=${answer(true)}>${inside("tick", words.allow)}</button>
    </div>
  </article>`
}

function attention({ job }, state) {
  const { picture: name, text, remedy } = attentionOf(job.reason, state.server.help)
  return html`<article class="card card-notice" data-fit data-oac="device-attention" role="alert"
      data-reason=${job.reason ?? "unknown"}>
    ${picture(name)}<h2>${text}</h2><p>${remedy}</p>
  </article>`
}

function question({ job }, state, acts) {
  const answer = (cameOut) => () => acts.confirm(job, cameOut)
  return html`<article class="card card-ask" data-fit role="alertdialog" tabindex="-1"
      aria-labelledby="came-out">
    ${picture("paper-from-printer")}
    <h2 id="came-out">${words.cameOut}</h2>
    <div class="choices choices-equal">
      <button type="button" class="button" data-oac="printed-no" ?disabled=${state.isBusy}
        @click=${answer(false)}>${inside("cross", words.no)}</button>
      <button type="button" class="button" data-oac="printed-yes" ?disabled=${state.isBusy}
        @click=${answer(true)}>${inside("tick", words.yes)}</button>
    </div>
  </article>`
}

/** The scanner waits, as long as it takes; what was scanned so far is kept whatever is touched. */
function page({ job }, state, acts) {
  const isFirst = job.awaits_page === 1
  const answer = (isLast) => () => acts.placePage(job, isLast)
  return html`<article class="card card-ask" data-fit data-oac="place-page" role="alertdialog" tabindex="-1"
      aria-labelledby="place-page" data-page=${job.awaits_page}>
    ${picture("page-on-glass")}
    <div id="place-page">
      <h2>${isFirst ? words.placeAgain : words.placeNext}</h2>
      <p class="soft">${isFirst ? nothing : words.scannedSoFar(job.awaits_page - 1)}</p>
    </div>
    <div class="choices choices-equal">
      <button type="button" class="button" data-oac="last-page" ?disabled=${state.isBusy}
        @click=${answer(true)}>${inside("tick", words.lastPage)}</button>
      <button type="button" class="button button-primary" data-oac="next-page" ?disabled=${state.isBusy}
        @click=${answer(false)}>${inside("arrow", words.nextPage)}</button>
    </div>
  </article>`
}

function paused(shown, state, acts) {
  // Nothing here turns a telephone off.
  const how = state.server.visit.provider === "phone" ? words.stoppedPhone : words.stoppedHow
  return html`<article class="card card-ask" data-fit role="alertdialog" tabindex="-1"
      aria-labelledby="stopped">
    ${picture("paused")}
    <div id="stopped"><h2>${words.stopped}</h2><p>${how}</p></div>
    <div class="choices">
      ${plainButton({ label: words.goOn, act: acts.resume, look: "button-primary" })}
    </div>
  </article>`
}
