// What opens over the panel: a page to look at closely, and handing the visit on.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { words } from "../words/panel.js"
import { clerkText } from "../words/states.js"
import { pageActs, pageAddress } from "./documents.js"
import { button, choice, turning, troubles } from "./parts.js"
import { paperDialog } from "./printing.js"
import { trimDialog } from "./trim.js"
import { invitation } from "./ways.js"

const LARGE_PX = 1400

export function dialog(state, acts) {
  const kinds = { page: largePage, paper: paperDialog, trim: trimDialog, transfer, invitation: () => invitation(state, acts, words.close) }
  return kinds[state.dialog?.kind]?.(state, acts) ?? nothing
}

function largePage(state, acts) {
  const { visit } = state.server
  const document = visit.documents.find((one) => one.id === state.dialog.document)
  const at = document?.pages.findIndex((page) => page.id === state.dialog.page) ?? -1
  if (at < 0) return nothing
  const page = document.pages[at]
  const turn = (step) => acts.openPage(document, document.pages[at + step])
  return html`<dialog class="desk-dialog page-dialog" data-oac="page-dialog" aria-label=${pick(document.title)}
      @close=${acts.closeDialog}>
    <div class="dialog-head"><h2>${pick(document.title)} · ${words.pageNumber(at + 1)}</h2>
      ${turning({ at: at + 1, last: document.pages.length, act: turn })}
      ${pageActs(page, document, { state, acts, isLarge: true })}
      ${button({ label: words.close, sign: "end", handle: `dialog-close`, act: acts.closeDialog })}${troubles(state)}</div>
    ${page.state === "quarantine" ? html`<p>${words.checking}</p>`
      : html`<img src=${pageAddress(page, LARGE_PX)} alt=${words.pageNumber(at + 1)} />`}
  </dialog>`
}

function transfer(state, acts) {
  const { counters, colleagues = [], visit } = state.server
  const { to, id, reason } = state.choices.transfer
  const others = counters.filter((one) => one.key !== visit.counter.key && one.state !== "out_of_service")
  const targets = [
    ["queue:", words.toQueue],
    ...others.map((one) => [`counter:${one.key}`, words.toCounter(one.name)]),
    ...colleagues.map((one) => [`person:${one.id}`, `${words.toPerson(one.name)} (${clerkText(one.state)})`]),
  ]
  const aim = (target) => {
    const [kind, ...rest] = target.split(":")
    acts.choose("transfer", { to: kind, id: rest.join(":") })
  }
  const submitted = (event) => {
    event.preventDefault()
    if (reason.trim()) acts.transfer()
  }
  return html`<dialog class="desk-dialog" data-oac="transfer-dialog" aria-label=${words.transferTitle} @close=${acts.closeDialog}>
    <form class="dialog-form" @submit=${submitted}>
      <h2>${words.transferTitle}</h2>
      <p class="soft">${words.transferKeeps}</p>
      ${troubles(state)}
      ${choice({ label: words.transferTo, value: `${to}:${id ?? ""}`, options: targets, act: aim, handle: `transfer-to` })}
      <label class="field"><span>${words.reason}</span>
        <input type="text" maxlength="60" required data-oac="transfer-reason" autocomplete="off"
          .value=${reason} @input=${(event) => acts.choose("transfer", { reason: event.target.value })} /></label>
      <div class="dialog-reasons">${words.reasons.map((text) => html`<button type="button" class="button reason"
        @click=${() => acts.choose("transfer", { reason: text })}>${text}</button>`)}</div>
      <div class="dialog-acts">
        ${button({ label: words.cancel, act: acts.closeDialog, handle: `transfer-cancel` })}
        <button class="button button-primary" data-oac="transfer-confirm" aria-disabled=${reason.trim() ? nothing : "true"}>${words.transfer}</button>
      </div>
    </form></dialog>`
}
