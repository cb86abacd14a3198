// What can be printed, and what a printer can do with it. Pure.
// @ts-check
import { chosenDevice, currentStep, deviceActOf, devicesFor, formsOf } from "./steps.js"

/** The receipt of the visit, which is drawn anew whenever it has changed. */
const RECEIPT = "receipt"
const A4 = "iso_a4_210x297mm"
const RANGES = /^[1-9]\d{0,3}(-[1-9]\d{0,3})?(,[1-9]\d{0,3}(-[1-9]\d{0,3})?)*$/

/**
 * What may be printed: the forms of the visit's procedures, that of the step first, then the papers
 * that the clerk brought. `document` is null for a form that was not drawn yet, `sheets` its pages.
 */
export function printables(visit, step) {
  const forms = formsOf(visit, step)
  const made = (visit?.documents ?? []).filter(({ kind }) => kind === "form")
  const offered = forms.map(({ key, title }) => {
    const document = made.findLast((one) => one.key === key) ?? null
    return { key, title, document: document?.id ?? null, sheets: document?.sheets ?? null, isForm: true, isBrought: false }
  })
  const isForm = ({ key }) => forms.some((form) => form.key === key)
  const others = made.filter((one) => !isForm(one))
    .map(({ id, title, sheets, is_brought: isBrought }) => ({ key: id, title, document: id, sheets, isForm: false, isBrought }))
  return [...offered, ...others]
}

/** The printers of the counter, first those that are there for such a paper. */
export function printersFor(visit, paper) {
  const suits = (device) => Boolean(device.is_for_tickets) === (paper?.key === RECEIPT)
  const all = devicesFor(visit, "print")
  return [...all.filter(suits), ...all.filter((device) => !suits(device))]
}

/** What a printer offers besides one copy; one that did not say offers nothing. */
export function printOffer(device) {
  const { sides = [], colours = [], papers = [], scalings = [] } = device ?? {}
  const several = (list) => (list.length > 1 ? list : [])
  return {
    sides: several(sides), colours: several(colours), papers: several(papers), scalings,
    canStaple: device?.can_staple === true, takesPages: device?.takes_pages === true,
  }
}

/** The options of the next print: what was chosen, as far as this printer can. */
export function printOptions({ device, chosen = {} }) {
  const offer = printOffer(device)
  const options = { copies: chosen.copies ?? 1 }
  const take = (name, list, usual) => {
    if (list.length) options[name] = list.includes(chosen[name]) ? chosen[name] : usual
  }
  take("sides", offer.sides, "one-sided")
  take("colour", offer.colours, offer.colours[0])
  take("paper", offer.papers, offer.papers.includes(A4) ? A4 : offer.papers[0])
  // Nothing chosen is the printer's own way: a form that fits is not made smaller.
  if (offer.scalings.includes(chosen.scaling)) options.scaling = chosen.scaling
  if (offer.canStaple && chosen.staple) options.staple = true
  const pages = plainPages(chosen.pages)
  if (offer.takesPages && pages) options.pages = pages
  return options
}

/** Pages as people write them, without spaces. */
export function plainPages(text) {
  return (text ?? "").replace(/\s/g, "").replace(/;/g, ",").replace(/–/g, "-")
}

/** Whether pages make sense: rising, and not beyond the last of `sheets`, where that is known. */
export function arePagesSound(pages, sheets = null) {
  if (!pages) return true
  if (pages.length > 60 || !RANGES.test(pages)) return false
  const ends = pages.split(",").map((part) => part.split("-").map(Number))
  const isRising = ends.every(([first, last = first], at) => first <= last && (at === 0 || first > ends[at - 1].at(-1)))
  return isRising && (sheets === null || ends.at(-1).at(-1) <= sheets)
}

/** What the print button would do now: a step that is a print prints its own form, whatever else is chosen. */
export function plannedPrint(state) {
  const chosen = chosenPrint(state)
  const step = currentStep(state.server.visit)
  const own = deviceActOf(step) === "print" && chosen.papers.find(({ key, isForm }) => isForm && key === step.form)
  return own && own !== chosen.paper ? planOf(state, { ...chosen, paper: own, chosen: { ...state.choices.print, pages: "" } }) : chosen
}

/** What would be printed of the paper that is chosen. */
export function chosenPrint(state) {
  const { server: { visit }, choices } = state
  const { files = {}, titles = {} } = choices.print
  const papers = printables(visit, currentStep(visit))
    .map((one) => ({ ...one, file: files[one.document] ?? null, called: one.isBrought ? titles[one.document] ?? null : null }))
  const paper = papers.find((one) => one.key === choices.print.form) ?? papers[0] ?? null
  return planOf(state, { paper, papers, chosen: choices.print })
}

function planOf({ server: { visit } }, { paper, papers, chosen }) {
  const step = currentStep(visit)
  const device = chosenDevice(printersFor(visit, paper), chosen.device)
  const isOfStep = Boolean(step?.form) && paper?.isForm && step.form === paper.key
  const options = printOptions({ device, chosen })
  const why = !paper ? "no-form" : arePagesSound(options.pages, paper.sheets) ? null : "pages-unsound"
  return { device, paper, papers, step: isOfStep ? step : null, options, why }
}

/** A file's name, for who chose it and nobody else: without its ending, on one line, not too long. */
export function nameOfFile(name) {
  return name.replace(/\.pdf$/i, "").replace(/[\p{C}\s]+/gu, " ").trim().slice(0, 80)
}

/** The body of a request for a print, without its key. */
export function printRequest({ device, paper, step, options }) {
  const body = { kind: "print", device: device.id, options }
  if (paper.isForm) body.form = paper.key
  else body.document = paper.document
  if (paper.called !== null) body.title = paper.called
  if (step) body.step = step.id
  return body
}

/** The paper of a visit that the dialog shows, or null. */
export function shownPaper(visit, dialog) {
  return printables(visit, null).find((one) => one.document === dialog?.document) ?? null
}
