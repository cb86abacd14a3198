// The foot of the panel: help, handing on, parking, ending; and the paperwork after it.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { outcomesOf } from "../models/outcomes.js"
import { whyNotMove } from "../models/queue.js"
import { KEYS } from "../shortcuts.js"
import { words } from "../words/panel.js"
import { OUTCOME_KEYS, outcomeText } from "../words/states.js"
import { button, choice } from "./parts.js"

export function foot(state, acts) {
  const { visit } = state.server
  const { busy, pending } = state
  if ("end" in pending) return ending(state, acts)
  return html`<footer class="panel-foot" data-place="panel">
    ${button({ handle: `ask-help`, label: words.help, sign: "help", hint: KEYS.help, isBusy: busy.help, isPressed: Boolean(visit.help), act: acts.help })}
    ${button({ handle: `transfer`, label: words.transfer, sign: "send", isBusy: busy.transfer, why: whyNotMove(visit, "transfer"), act: acts.askTransfer })}
    ${button({ handle: `park`, label: words.park, sign: "chair", isBusy: busy.parking, why: whyNotMove(visit, "park"), act: acts.park })}
    ${button({ handle: `end-visit`, label: busy.ending ? words.ends : words.end, sign: "end", look: "button-danger", isBusy: busy.ending, why: whyNotMove(visit, "end"), act: acts.end })}
  </footer>`
}

/** The moment in which an ending can be taken back, and how each service ended. */
function ending(state, acts) {
  const seconds = Math.max(1, Math.ceil((state.pending.end - Date.now()) / 1000))
  return html`<footer class="panel-foot panel-ending" role="alertdialog" aria-label=${words.end} data-oac="ending">
    <p><strong>${words.endsIn(seconds)}</strong></p>
    ${outcomes(state, acts)}
    ${button({ handle: `end-not-yet`, label: words.notYet, act: acts.keepOn })}
    ${button({ handle: `end-now`, label: words.endNow, look: "button-danger", act: acts.endNow })}
  </footer>`
}

export function wrapUp(state, acts) {
  return html`<footer class="panel-foot panel-wrap-up" aria-label=${words.wrapUp} data-oac="paperwork">
    <h2>${words.wrapUp}</h2>
    ${outcomes(state, acts)}
    ${papers(state.server.visit)}
    ${button({ handle: `close-visit`, label: words.closeVisit, sign: "tick", look: "button-primary button-big", isBusy: state.busy.closing, act: acts.close })}
  </footer>`
}

/** What becomes of what was scanned. */
function papers(visit) {
  const scanned = visit.documents.filter(({ pages }) => pages?.length)
  if (!scanned.length) return nothing
  return html`<p class="soft" data-oac="papers-kept">${words.papersKept(scanned.length, visit.documents_days)}</p>`
}

function outcomes(state, acts) {
  const chosen = outcomesOf(state)
  const { services } = state.server.visit
  return html`<div class="outcomes">${services.map((service) => html`
    ${services.length > 1 ? nothing : html`<span class="only-heard">${words.outcome}</span>`}
    ${choice({
      label: pick(service.title), value: chosen[service.id], handle: `outcome`,
      options: OUTCOME_KEYS.map((key) => [key, outcomeText(key)]),
      act: (outcome) => acts.choose("outcomes", { [service.id]: outcome }),
    })}`)}</div>`
}
