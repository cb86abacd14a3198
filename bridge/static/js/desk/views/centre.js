// The middle of the desk: the meeting, or what there is to know while there is none.
// @ts-check
import { guard } from "../../../vendor/lit-html/directives/guard.js"
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { waitingRows } from "../models/queue.js"
import { clockText, elapsed } from "../../lib/time.js"
import { words } from "../words/desk.js"
import { languageText } from "../words/states.js"
import { buttonsOf, noticeList } from "./in-meeting.js"
import { button, tag } from "./parts.js"
import { byTelephone } from "./ways.js"

export function empty({ server }, _acts, now) {
  const [next] = waitingRows(server.queue)
  return html`<div class="centre-message">
    <h1>${words.emptyTitle}</h1>
    <p>${next ? words.nextUp(next.number, clockText(elapsed(next.issued_at, now))) : words.emptyQuiet}</p>
  </div>`
}

export function called({ server }, _acts, now) {
  const { ticket, counter, services } = server.visit
  return html`<div class="centre-message" data-oac="called">
    <p class="centre-number">${ticket.number}</p>
    <h1>${words.calledTo(counter.name)}</h1>
    <p>${services.map(({ title }) => pick(title)).join(" · ")} ${tag(languageText(ticket.language))}</p>
    <p class="centre-clock">${words.since(clockText(elapsed(ticket.called_at, now)))}
      · ${words.calls(ticket.calls)}</p>
    <p class="soft">${words.calledHow}</p>
  </div>`
}

export function wrapUp() {
  return html`<div class="centre-message" data-oac="wrap-up">
    <h1>${words.wrapUpTitle}</h1><p>${words.wrapUpHow}</p>
  </div>`
}

/** Drawn when there is a way in; what hangs on the element is set before it enters. */
export function meeting({ server, join, choices, owns }, acts) {
  const { visit } = server
  if (visit.provider === "phone") return byTelephone({ server })
  if (owns === false) return inOtherWindow(acts)
  return html`<oac-meeting .socket=${acts.link} .buttons=${buttonsOf(visit)} .paused=${visit.is_paused}
      .notices=${noticeList(visit, choices.put)} .camera=${visit.camera} .join=${guard([join], () => join)}
      @meeting-button=${acts.meetingButton} @meeting-action=${acts.meetingAction}
      @meeting-needs-join=${acts.renewJoin}></oac-meeting>
    ${join ? nothing : html`<div class="centre-message"><p>${words.loading}</p></div>`}`
}

function inOtherWindow(acts) {
  return html`<div class="centre-message" data-oac="meeting-elsewhere">
    <p role="status">${words.inOtherWindow}</p>
    ${button({ handle: `work-here`, label: words.workHere, look: "button-primary", act: acts.workHere })}
  </div>`
}
