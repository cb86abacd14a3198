// The strip above the meeting: on as long as a device works for somebody who is not in the room.
// @ts-check
import { html, nothing } from "../lib/element.js"
import { fractionOf, sortJobs } from "./jobs.js"
import { picture } from "./pictures.js"
import { busyText, helpText } from "./sentences.js"
import { words } from "./words.js"

/** What a device does and who has it in hand; else an answer; else what became of a call for help. */
export function strip(state) {
  const { busy, attention, page, consent, question } = sortJobs(state.server?.jobs)
  // A device that waits for a hand does nothing, and its card says whether somebody comes.
  if (attention || page) return nothing
  if (busy) return deviceLight(busy, state.progress)
  // A question has the room to itself: what was answered before is not about it.
  if (consent || question) return nothing
  const { help } = state.server
  if (state.camera === "document" && !state.server.visit.is_paused) return cameraLight()
  const called = help ? { text: helpText(help), isDone: true } : null
  const said = state.said?.text ? state.said : called
  return said ? answerLine(said) : nothing
}

/** A tick and green are for what was done; what was refused or went wrong is told in calm words. */
function answerLine({ text, isDone }) {
  return html`<p class="light" data-oac="answer" data-done=${isDone ? "yes" : "no"} role="status">
    ${picture(isDone ? "tick" : "information")}<span>${text}</span></p>`
}

/** Who looks at a paper is told that it is the paper that is seen, and not the face. */
function cameraLight() {
  return html`<p class="light" data-oac="camera-document" role="status">
    <span class="lamp" aria-hidden="true"></span><span>${words.documentCamera}</span></p>`
}

function deviceLight(busy, progress) {
  const fraction = fractionOf(busy, progress)
  return html`<p class="light" data-oac="device-busy" role="status" data-personal>
    <span class="lamp" aria-hidden="true"></span>
    <span>${busyText(busy)}${busy.clerk ? html` <span class="nowrap">· ${busy.clerk}</span>` : nothing}</span>
    ${fraction === null ? nothing : html`<progress class="progress" max="1" .value=${fraction}
      aria-hidden="true"></progress>`}
  </p>`
}
