// The screens of a visit: called, meeting, goodbye.
// @ts-check
import { guard } from "../../../vendor/lit-html/directives/guard.js"
import { html, nothing } from "../../lib/element.js"
import { guideOf } from "../jobs.js"
import { picture } from "../pictures.js"
import { words } from "../words.js"
import { guide } from "./guide.js"
import { guests, notYet, telephone } from "./clerk.js"
import { reminderOf } from "../sentences.js"
import { isCalledAgain } from "../screen.js"
import { inside } from "./parts.js"

/** What waits for an answer takes the room beside the clerk. */
const TAKES_ROOM = new Set(["consent", "sign", "question", "page", "paused"])

export function called(state, acts) {
  const { ticket, visit } = state.server
  return html`<section class="called" data-fit data-personal role="alert">
    <p class="ticket-number" data-oac="ticket-number">${ticket.number}</p>
    <h1 tabindex="-1" data-oac="called">${words.yourTurn}</h1>
    <p>${words.servedBy(visit.clerk)}</p>
    <div class="choices">
      <button type="button" class="button" data-oac="start-visit" ?disabled=${state.isBusy}
        @click=${acts.arrive}>${inside("arrow", words.start)}</button>
    </div>
  </section>`
}

/** The clerk large, and beside it what is to be done now; what asks for an answer takes the room. */
export function meeting(state, acts) {
  const { visit, jobs } = state.server
  const shown = guideOf({ visit, jobs, isSaying: state.isSaying })
  const isLarge = state.isLarge && shown.kind === "step"
  const hasKeyboard = state.hasKeyboard && shown.kind === "say"
  const isSmall = isLarge || hasKeyboard || TAKES_ROOM.has(shown.kind)
  return html`<section class="meeting" data-guide=${shown.kind} data-clerk=${isSmall ? "small" : "large"}
      data-large=${isLarge ? "yes" : "no"} data-keyboard=${hasKeyboard ? "shown" : "away"}>
    <div class="clerk" data-oac="meeting" data-personal>
      ${visit.provider === "phone" ? telephone(visit) : state.join ? meetingElement(state, acts) : html`<p class="clerk-sign" role="status">${words.connecting}</p>`}
      ${state.join?.provider === "direct" || visit.provider === "phone" ? nothing : html`<p class="clerk-name">${visit.clerk}</p>`}
      ${visit.refusal ? notYet() : guests(visit)}
    </div>
    <div class="guide" data-personal>${guide(shown, state, acts)}</div>
  </section>`
}

/**
 * Drawn when there is a way in: by then the element is defined and hears its properties.
 * lit-html sets an object anew at every drawing, which would join anew: hence the guard.
 */
function meetingElement({ join, link, server }, acts) {
  return html`<oac-meeting .socket=${link} .join=${guard([join], () => join)}
    .paused=${server.visit.is_paused} .camera=${server.visit.camera}
    @meeting-state=${acts.meetingChanged} @meeting-camera=${acts.cameraChanged}
    @meeting-needs-join=${acts.renewJoin}></oac-meeting>`
}

/** The visit ends here; who is called again is not told goodbye. */
export function goodbye(state, acts) {
  const isStaying = isCalledAgain(state.server)
  // Who stays has that to read; the places are named at the goodbye.
  const reminder = reminderOf(isStaying ? [] : state.server.visit?.left_behind)
  return html`<section class="message" data-fit data-oac="goodbye" role="alert"
      data-again=${isStaying ? "yes" : "no"}>
    ${picture(isStaying ? "talk" : reminder.picture)}
    <div class="message-words">
      <h1 tabindex="-1">${isStaying ? words.stay : words.goodbye}</h1>
      ${isStaying ? html`<p>${words.calledAgain(state.server.ticket.number)}</p>` : nothing}
      ${reminder.texts.map((text) => html`<p data-oac="reminder">${text}</p>`)}
      ${isStaying ? nothing : html`<p class="soft">${words.forgetting}</p>`}
    </div>
    <div class="choices"><button type="button" class="button" data-oac="have-all"
      @click=${acts.leaveNow}>${inside(null, words.haveAll)}</button></div>
  </section>`
}
