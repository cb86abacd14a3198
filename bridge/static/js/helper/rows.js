// The helper's rows: whom one meets, who was missed and may come back, how the counters are.
// @ts-check
import { html, nothing } from "../lib/element.js"
import { pick } from "../lib/gettext.js"
import { counterText, languageText } from "../lib/states.js"
import { words } from "./words.js"

/** A number, a language and an errand: no name is known here. */
export function whom({ number, language, procedures }) {
  return html`<p data-oac="request-whom"><strong>${number}</strong> <span class="tag">${languageText(language)}</span>
    ${procedures.map(({ title }) => pick(title)).join(" · ")}</p>`
}

/** Who was called and did not come; whoever is there after all is put back, first in the queue. */
export function missed(tickets, { isBusy }, reinstate) {
  return html`<section aria-label=${words.missed}><h2>${words.missed}</h2>
    <ul>${tickets.map((ticket) => html`<li class="card missed-row" data-oac="missed-row" data-number=${ticket.number}>
      ${whom(ticket)}
      <button type="button" class="button" data-oac="help-reinstate" aria-disabled=${isBusy ? "true" : nothing}
        @click=${() => reinstate(ticket)}>${words.reinstate}</button></li>`)}</ul></section>`
}

/** The way into the meeting at a counter, for whoever may join it. */
export function wayIn({ way_in: path }, { isBusy }, join) {
  return path ? html`<button type="button" class="button" data-oac="help-join" aria-disabled=${isBusy ? "true" : nothing}
    @click=${() => join(path)}>${words.join}</button>` : nothing
}

export function counterRow(counter, state, join) {
  return html`<li class="counter-row" data-oac="counter-row" data-counter=${counter.key} data-state=${counter.state}>
    <span>${counter.name}</span>
    <span class="tag ${counter.state === "needs_help" ? "tag-danger" : ""}">${counterText(counter.state)}</span>
    ${counter.agent || counter.state === "offline" ? nothing : html`<span class="tag tag-danger">${words.noDevices}</span>`}
    ${wayIn(counter, state, join)}
  </li>`
}
