// The documents of the ticket, page by page, with what the checks found in words.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { repeat } from "../../../vendor/lit-html/directives/repeat.js"
import { REMOVAL } from "../acts-pages.js"
import { lacksCard, whyNotCard } from "../models/card.js"
import { sizeOf } from "../models/outline.js"
import { heldDocuments, placeOf } from "../models/pages.js"
import { isPicture, jobOfPage, whyNotAgain } from "../models/screen.js"
import { offerText, sideText, words as pageWords } from "../words/pages.js"
import { words } from "../words/panel.js"
import { words as screenWords } from "../words/screen.js"
import { button } from "./parts.js"

const THUMBNAIL_PX = 240
/** A card is a small part of its page. */
const CARD_PX = 900

export function documents(state, acts) {
  const { visit } = state.server
  // That of the current step is shown in the step.
  const held = heldDocuments(visit)
  const list = held.filter((one) => !isInStep(one, visit)).reverse()
  return html`<section class="panel-part" aria-label=${words.documents}>
    <h2>${words.documents}</h2>
    ${held.length ? nothing : html`<p class="soft">${words.noDocuments}</p>`}
    ${repeat(list, (document) => document.id, (document) => oneDocument(document, state, acts))}
  </section>`
}

function isInStep(document, visit) {
  return !visit.ended_at && document.step !== null && document.step === visit.current_step
}

/** The papers of the current step, to be looked at where the step is judged. */
export function stepPapers(state, acts) {
  const { visit } = state.server
  return visit.documents
    .filter((one) => isInStep(one, visit) && one.pages?.length)
    .map((document) => oneDocument(document, state, acts))
}

function oneDocument(document, state, acts) {
  const pages = document.pages ?? []
  const hasFile = document.kind === "form" || pages.some((page) => page.state === "visible")
  return html`<article class="document" data-oac="document" data-kind=${document.kind} data-state=${document.state}>
    <p class="document-head"><strong>${pick(document.title)}</strong>
      ${pages.length ? html`<span class="soft">${words.pages(pages.length)}</span>` : nothing}
      ${hasFile ? html`<a href="/api/documents/${document.id}/file" target="_blank" rel="noopener"
        data-oac="document-file">${document.kind === "form" ? words.preview : words.asPdf}</a>` : nothing}</p>
    ${card(document, state, acts)}
    <ol class="pages">${repeat(pages, (page) => page.id, (page) => onePage(page, document, { state, acts }))}</ol>
  </article>`
}

/** Both sides of a card, when they are there or on their way, onto one page. */
function card(document, state, acts) {
  if (!document.pages?.some(({ side }) => side)) return nothing
  const why = whyNotCard(document)
  return html`<div class="card-acts">${button({
    handle: `card-together`, label: pageWords.together, sign: "card", look: why ? "" : "button-primary", why,
    isBusy: state.busy[`card ${document.id}`], act: () => acts.putTogether(document),
  })}</div>`
}

function onePage(page, document, { state, acts }) {
  const isGoing = `${REMOVAL}${page.id}` in state.pending
  return html`<li class="page" data-oac="page" data-state=${page.state} data-page=${page.id} data-going=${isGoing}>
    ${thumbnail(page, document, acts)}
    <div class="page-side">
      ${isGoing
        ? html`<p role="status">${words.removing}</p>${button({ handle: `page-keep`, label: words.keep, act: () => acts.keepPage(page) })}`
        : html`${pageActs(page, document, { state, acts })}${offer(page, document, acts)}`}
      ${isPicture(jobOfPage(state.server.visit, page)) ? html`<span class="soft" data-oac="from-camera">${screenWords.fromCamera}</span>` : nothing}
      ${lacksCard(page) ? html`<p class="problem" data-oac="card-lacking">${pageWords.cardLacking}</p>` : nothing}
      ${problems(page)}
    </div>
  </li>`
}

function thumbnail(page, document, acts) {
  const label = page.side ? sideText(page.side).name : words.pageNumber(placeOf(document, page))
  if (page.state === "quarantine") return html`<span class="page-blank" role="status">${words.checking}</span>`
  return html`<button type="button" class="page-picture" data-oac="page-open" title=${words.openPage}
    @click=${() => acts.openPage(document, page)}>
    ${page.side && page.outline && !lacksCard(page) ? cardPicture(page, label)
      : html`<img src=${pageAddress(page, THUMBNAIL_PX)} alt=${`${label}: ${words.openPage}`} loading="lazy" />`}
    ${page.side ? html`<span class="page-side-name">${label}</span>` : nothing}
  </button>`
}

/** The card alone, upright, as it would come onto its page. */
function cardPicture(page, label) {
  const { across, down } = sizeOf(page)
  const { left_mm: left, top_mm: top, width_mm: width, height_mm: height, angle } = page.outline
  return html`<svg class="card-picture" role="img" aria-label=${`${label}: ${words.openPage}`} viewBox="${left} ${top} ${width} ${height}">
    <image href=${pageAddress(page, CARD_PX)} width=${across} height=${down} preserveAspectRatio="none"
      transform="rotate(${-angle} ${left + width / 2} ${top + height / 2})"></image></svg>`
}

/** Where a page's picture is; turned, it is another address, so that it is asked for again. */
export function pageAddress(page, width) {
  return `/api/pages/${page.id}/image?width=${width}&turned=${page.rotation}`
}

/** What may be done with a page; in the large view the words stand beside the signs. */
export function pageActs(page, document, { state, acts, isLarge = false }) {
  const isBusy = state.busy[`page ${page.id}`]
  const isBare = !isLarge
  const isOver = Boolean(state.server.visit.ended_at)
  if (page.state === "quarantine") return nothing
  return html`<div class="page-acts" role="group" aria-label=${words.pageNumber(placeOf(document, page))}>
    ${isOver ? nothing : button({
      handle: `page-again`, label: words.again, sign: "scan", isBare, isBusy: state.busy.scan,
      why: whyNotAgain(state.server.visit, jobOfPage(state.server.visit, page), "scan"), act: () => acts.pageAgain(document, page),
    })}
    ${button({ handle: `page-rotate`, label: words.rotate, sign: "rotate", isBare, isBusy, act: () => acts.rotate(page) })}
    ${page.state === "visible" && page.dpi ? button({ handle: `page-trim`, label: pageWords.trim, sign: "crop", isBare, isBusy, act: () => acts.askTrim(document, page) }) : nothing}
    ${page.made?.can_restore ? button({ handle: `page-restore`, label: pageWords.restore, sign: "undo", isBare, isBusy, act: () => acts.restorePage(page) }) : nothing}
    ${isLarge || document.pages.length < 2 ? nothing : moves(page, document, { isBusy, acts })}
    ${button({ handle: `page-remove`, label: words.remove, sign: "remove", isBare, isBusy, act: () => acts.removePage(page) })}
  </div>`
}

/** What the bridge would crop or straighten: a proposal to look at, never done by itself. */
function offer(page, document, acts) {
  if (page.state !== "visible" || !page.outline || (page.side && !lacksCard(page))) return nothing
  return button({ handle: `page-offer`, label: offerText(page.outline, page), look: "page-offer", sign: "crop", act: () => acts.askTrim(document, page) })
}

/** Up and down among the pages; at either end the button stays, so that it keeps the focus. */
function moves(page, document, { isBusy, acts }) {
  const at = placeOf(document, page)
  const move = (to) => async ({ currentTarget }) => {
    await acts.movePage(page, to)
    currentTarget.focus() // moved in the page, it has lost it
  }
  return html`
    ${button({ handle: `page-up`, label: words.moveUp, sign: "up", isBare: true, isBusy,
      why: at > 1 ? null : "first-page", act: move(at - 1) })}
    ${button({ handle: `page-down`, label: words.moveDown, sign: "down", isBare: true, isBusy,
      why: at < document.pages.length ? null : "last-page", act: move(at + 1) })}`
}

function problems(page) {
  if (!page.problems?.length) return nothing
  return html`<ul class="problems">${page.problems.map((problem) => html`
    <li class="problem" data-bars=${problem.bars} data-problem=${problem.key}>
      ${problem.bars ? html`<strong>${words.cannotUse}:</strong> ` : nothing}${problem.text}</li>`)}</ul>`
}
