// The head of the panel: whose visit this is, for how long, and what has to be known about it.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { clockText, elapsed } from "../../lib/time.js"
import { words } from "../words/panel.js"
import { cameraFaultText } from "../words/notices.js"
import { helpText, languageText, ticketText } from "../words/states.js"
import { button, tag } from "./parts.js"

const LOOKS = { serving: "good", called: "notice", interrupted: "danger", connecting: "notice", wrap_up: "notice" }

export function head({ server }, now) {
  const { visit } = server
  const { ticket, counter } = visit
  const isMeeting = ["connecting", "serving", "interrupted"].includes(ticket.state)
  return html`<header class="panel-head">
    <p class="panel-number" data-oac="visit-number">${ticket.number}</p>
    <p class="panel-where"><strong>${counter.name}</strong>
      <span class="panel-tags">${tag(ticketText(ticket.state), LOOKS[ticket.state])} ${tag(languageText(ticket.language))}</span></p>
    <p class="panel-clock">${clockText(elapsed(visit.started_at, now))}</p>
    ${visit.is_paused ? line(words.paused) : nothing}
    ${isMeeting && visit.provider !== "phone" && visit.is_met && !visit.citizen_joined ? line(words.citizenAway) : nothing}
    ${visit.agent || !isMeeting ? nothing : line(`${words.noAgent} ${words.noAgentHow}`, "notice-danger")}
    ${visit.camera_fault && isMeeting ? line(cameraFaultText(visit.camera_fault), "notice-danger") : nothing}
    ${visit.help ? line(helpText(visit.help.state)) : nothing}
  </header>`
}

/** Leads to the text that the citizen is writing further down. */
export function unread(isWriting, act) {
  const label = isWriting ? words.writes : words.unread
  return html`<div class="panel-unread">${button({ handle: `say-unread`, label, sign: "pencil", act })}</div>`
}

function line(text, look = "") {
  return html`<p class="notice panel-notice ${look}" role="status">${text}</p>`
}
