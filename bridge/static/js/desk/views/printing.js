// Printing: what, how often, and how. Only what the printer has is offered; the rest stands folded.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { chosenPrint, plannedPrint, printersFor, printOffer, shownPaper } from "../models/prints.js"
import { whyNotDevice } from "../models/steps.js"
import { KEYS } from "../shortcuts.js"
import { words } from "../words/prints.js"
import { whyText } from "../words/reasons.js"
import { colourText } from "../words/states.js"
import { button, choice, deviceChoice, tick, turning, troubles } from "./parts.js"

const MOST_COPIES = 5
const LARGE_PX = 1400

export function printButton(state, acts) {
  const { step, why } = plannedPrint(state)
  return button({
    handle: `print`, label: words.print, sign: "print", keys: KEYS.print, isBusy: state.busy.print,
    look: step?.proof === "print" ? "button-primary" : "",
    why: whyNotDevice(state.server.visit, "print") ?? why, act: acts.print,
  })
}

/** Prints the paper that is chosen, and says which: for one that the step's own button does not print. */
function chosenButton(state, acts) {
  const { paper, why } = chosenPrint(state)
  return button({
    handle: `print-chosen`, label: words.printOne(nameOf(paper)), sign: "print", isBusy: state.busy.print,
    why: whyNotDevice(state.server.visit, "print") ?? why, act: acts.printChosen,
  })
}

/** What the citizen reads. */
function nameOf(paper) {
  return paper.called || pick(paper.title)
}

/** What the clerk chooses by. */
function optionOf(paper) {
  return paper.file ? `${nameOf(paper)} · ${paper.file}` : nameOf(paper)
}

export function printing(state, acts, isInStep) {
  const { device, paper, papers, options } = chosenPrint(state)
  const isApart = paper?.key !== plannedPrint(state).paper?.key
  const set = (fields) => acts.choose("print", fields)
  const copies = Array.from({ length: MOST_COPIES }, (_, index) => [index + 1, String(index + 1)])
  return html`${isInStep ? nothing : html`<div class="device-acts">${printButton(state, acts)}</div>`}
    ${paper ? html`<fieldset class="device-options">
      <legend class=${isInStep ? "" : "only-heard"}>${words.print}</legend>
      ${deviceChoice(words.printer, printersFor(state.server.visit, paper), device, set)}
      ${choice({ label: words.what, value: paper.key, handle: `print-form`,
        options: papers.map((one) => [one.key, optionOf(one)]), act: (key) => set({ form: key, pages: "" }) })}
      ${choice({ label: words.copies, value: options.copies, handle: `print-copies`, options: copies,
        act: (number) => set({ copies: Number(number) }) })}
      ${paper.isBrought ? title(paper, acts) : nothing}
    </fieldset>${more(state, options, set)}` : nothing}
    ${isApart ? html`<div class="device-acts named-act">${chosenButton(state, acts)}</div>` : nothing}
    <div class="device-acts">
      ${paper ? button({ handle: `print-look`, label: words.look, isBusy: state.busy.look, act: acts.lookAtPrint }) : nothing}
      ${bringing(state, acts)}
    </div>`
}

/** What few prints need. */
function more(state, options, set) {
  const { device } = chosenPrint(state)
  const offer = printOffer(device)
  const one = (name, list, text) => (list.length ? choice({
    label: words[name], value: options[name], handle: HANDLES[name], options: list.map((key) => [key, text(key)]),
    act: (value) => set({ [name]: value }),
  }) : nothing)
  const parts = [
    one("sides", offer.sides, words.sidesText), one("paper", offer.papers, words.paperText),
    one("colour", offer.colours, colourText), scaling(offer, options, set),
    offer.takesPages ? pages(state, set) : nothing,
    offer.canStaple ? tick(words.staple, options.staple === true, { handle: `print-staple`, act: (staple) => set({ staple }) }) : nothing,
  ]
  if (parts.every((part) => part === nothing)) return nothing
  const chosen = words.chosen(options)
  return html`<details class="print-more" data-oac="print-more">
    <summary>${words.more}${chosen ? html` <span class="soft">${chosen}</span>` : nothing}</summary>
    <div class="device-options">${parts}</div></details>`
}

function scaling({ scalings }, options, set) {
  if (!scalings.length) return nothing
  return choice({
    label: words.scaling, value: options.scaling ?? "", handle: `print-scaling`,
    options: [["", words.scalingText("")], ...scalings.map((key) => [key, words.scalingText(key)])],
    act: (value) => set({ scaling: value }),
  })
}

function title(paper, acts) {
  return html`<div class="print-title"><label class="field choice"><span>${words.title}</span>
    <input type="text" autocomplete="off" maxlength="80" data-oac="print-title" .value=${paper.called ?? pick(paper.title)}
      @input=${(event) => acts.entitle(paper.document, event.target.value)}></label></div>`
}

function pages(state, set) {
  const { why, paper } = chosenPrint(state)
  const isUnsound = why === "pages-unsound"
  return html`<label class="field choice"><span>${words.pages(paper.sheets)}</span>
    <input type="text" inputmode="numeric" autocomplete="off" maxlength="60" placeholder="1-3,5" data-oac="print-pages"
      aria-invalid=${isUnsound ? "true" : nothing} aria-describedby=${isUnsound ? "pages-unsound" : nothing}
      .value=${state.choices.print.pages ?? ""} @input=${(event) => set({ pages: event.target.value })}></label>
    ${isUnsound ? html`<p class="field-fault" id="pages-unsound" data-oac="print-pages-fault">${whyText(why)}</p>` : nothing}`
}

/** A PDF from the clerk's own computer. */
function bringing(state, acts) {
  const take = ({ target }) => {
    const [file] = target.files
    if (file) acts.bring(file)
    target.value = ""
  }
  return html`<label class="button print-bring" data-busy=${state.busy.bring ? "yes" : "no"}>
    <span class="label">${state.busy.bring ? words.bringing : words.bring}</span>
    <input type="file" class="only-heard" accept="application/pdf,.pdf" data-oac="print-bring"
      ?disabled=${Boolean(state.busy.bring) || Boolean(whyNotDevice({ ...state.server.visit, jobs: [] }, "print"))} @change=${take}></label>`
}

/** What will be printed, sheet by sheet. */
export function paperDialog(state, acts) {
  const { visit } = state.server
  const paper = shownPaper(visit, state.dialog)
  if (!paper) return nothing
  const { sheet } = state.dialog
  const last = paper.sheets ?? 1
  const name = nameOf({ ...paper, called: state.choices.print.titles?.[paper.document] })
  const isPlanned = plannedPrint(state).paper?.document === paper.document
  const isChosen = chosenPrint(state).paper?.document === paper.document
  return html`<dialog class="desk-dialog page-dialog" data-oac="paper-dialog" aria-label=${name}
      @close=${acts.closeDialog}>
    <div class="dialog-head"><h2>${name} · ${words.sheet(sheet, last)}</h2>
      ${turning({ at: sheet, last, act: (step) => acts.turnSheet(sheet + step) })}
      ${isPlanned ? printButton(state, acts) : isChosen ? chosenButton(state, acts) : nothing}
      ${button({ label: words.close, sign: "end", act: acts.closeDialog })}${troubles(state)}</div>
    <img src="/api/documents/${paper.document}/sheets/${sheet}/image?width=${LARGE_PX}" alt=${words.sheet(sheet, last)} />
  </dialog>`
}

const HANDLES = { sides: `print-sides`, paper: `print-paper`, colour: `print-colour` }
