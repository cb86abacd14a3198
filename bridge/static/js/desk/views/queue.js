// The left column: calling, who waits, and how the counters are.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { counterText } from "../../lib/states.js"
import { clockText, elapsed } from "../../lib/time.js"
import { repeat } from "../../../vendor/lit-html/directives/repeat.js"
import { rowAct, sortRows, waitingRows, whyNotCall, whyNotRecall } from "../models/queue.js"
import { KEYS } from "../shortcuts.js"
import { words } from "../words/desk.js"
import { whyText } from "../words/reasons.js"
import { languageText, ticketText } from "../words/states.js"
import { button, tag } from "./parts.js"

const LOOKS = { called: "notice", interrupted: "danger", parked: "notice", no_show: "danger" }
const COUNTER_LOOKS = { idle: "good", needs_help: "danger", out_of_service: "danger", reserved: "notice" }

export function queue(state, acts, now) {
  const rows = sortRows(state.server.queue)
  return html`<section class="desk-queue" aria-label=${words.queue}>
    ${calling(state, acts)}
    <div class="desk-heading"><h2>${words.queue}</h2>
      <p class="soft" data-oac="waiting-count">${words.waiting(waitingRows(rows).length)}</p>
      ${button({
        handle: `bell`, label: words.bell, sign: state.isMuted ? "mute" : "sound", look: "button-quiet", isBare: true,
        isPressed: !state.isMuted, act: acts.turnBell,
      })}</div>
    <ol class="queue-rows" tabindex="0" aria-label=${words.queue}>
      ${rows.length ? nothing : html`<li class="soft queue-empty">${words.queueEmpty}</li>`}
      ${repeat(rows, (row) => row.id, (row) => queueRow(row, state, { acts, now }))}
    </ol>
    ${counters(state.server.counters)}
  </section>`
}

export function calling({ server, busy }, acts) {
  const notRecall = whyNotRecall(server)
  const notCall = whyNotCall(server)
  // The one reason that the clerk ends with a press: it is not left to a tooltip.
  const isSaid = notCall === "not-available"
  return html`<div class="calling">
    ${button({
      handle: `call-next`, label: words.callNext, sign: "bell", keys: KEYS.callNext, isBusy: busy.call,
      look: "button-primary button-big", why: notCall, saidBy: isSaid ? "why-not-call" : undefined, act: acts.callNext,
    })}
    ${isSaid ? html`<p class="calling-why soft" id="why-not-call" data-oac="why-not-call">${whyText(notCall)}</p>` : nothing}
    ${button({
      handle: `recall`, label: words.recall, sign: "again", isBusy: busy.recall,
      hint: KEYS.recall, why: notRecall, act: acts.recall,
    })}
    ${button({
      handle: `no-show`, label: words.noShow, sign: "away", isBusy: busy["no-show"],
      why: notRecall, act: acts.noShow,
    })}
  </div>`
}

function queueRow(row, { server, busy }, { acts, now }) {
  const act = rowAct(row, server)
  const isMine = server.visit?.ticket.id === row.id
  const waited = clockText(elapsed(row.issued_at, now))
  return html`<li class="queue-row" data-oac="queue-row" data-number=${row.number} data-state=${row.state}
      aria-current=${isMine ? "true" : nothing}>
    <strong class="queue-number">${row.number}</strong>
    <span class="queue-time" title=${words.waitsFor(waited)}>${row.state === "waiting" ? waited : nothing}</span>
    <span class="queue-what">${row.procedures.map(({ title }) => pick(title)).join(" · ")}</span>
    <span class="queue-tags">
      ${row.state === "waiting" ? nothing : tag(ticketText(row.state), LOOKS[row.state])}
      ${row.priority === 1 ? tag(words.first, "notice") : nothing}
      ${tag(languageText(row.language))}
      ${row.counter ? html`<span class="soft">${row.counter.name}</span>` : nothing}
      ${row.clerk && !isMine ? html`<span class="soft">${words.by(row.clerk)}</span>` : nothing}
    </span>
    ${row.state === "no_show" && !act ? html`<span class="queue-how soft">${words.reinstateHow}</span>` : nothing}
    ${act ? button({
      handle: `row-${act}`, label: words[act], look: "button-small", isBusy: busy[`row ${row.id}`], act: () => acts.row(row),
    }) : nothing}
  </li>`
}

function counters(list) {
  return html`<section class="counters" aria-label=${words.counters}>
    <h3>${words.counters}</h3>
    <ul>${list.map((counter) => html`<li class="counter-line" data-counter=${counter.key}>
      <span>${counter.name}</span>
      ${counter.help && counter.state !== "needs_help" ? tag(words.helpAsked, "danger") : nothing}
      ${tag(counterText(counter.state), COUNTER_LOOKS[counter.state])}
      ${counter.agent || counter.state === "offline" ? nothing : tag(words.noDevices, "danger")}
    </li>`)}</ul>
  </section>`
}
