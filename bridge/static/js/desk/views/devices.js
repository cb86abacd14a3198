// Scanning and printing: what would happen, with which device, and what is wrong with it.
// The button of what the open step needs stands in the step; the others, and all options, here.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { plannedScan } from "../acts.js"
import { pageAwaited } from "../models/jobs.js"
import { currentStep, deviceActOf, devicesFor, hasPages, offerOf, whyNotScan } from "../models/steps.js"
import { KEYS } from "../shortcuts.js"
import { faultOf } from "../../lib/faults.js"
import { sideText, words as pageWords } from "../words/pages.js"
import { words } from "../words/panel.js"
import { colourText, qualityText, sourceText } from "../words/states.js"
import { pictureButton } from "./screen.js"
import { filters } from "./actions.js"
import { button, choice, deviceChoice, tick } from "./parts.js"
import { printButton, printing } from "./printing.js"

export function devices(state, acts) {
  const { visit } = state.server
  const inStep = deviceActOf(currentStep(visit))
  const scan = devicesFor(visit, "scan").length ? scanning(state, acts, inStep === "scan") : nothing
  const print = devicesFor(visit, "print").length ? printing(state, acts, inStep === "print") : nothing
  return html`<section class="panel-part" aria-label=${words.devices}>
    <h2>${words.devices}</h2>
    ${visit.devices.map(fault)}
    ${inStep === "print" ? [print, scan] : [scan, print]}
    ${camera(state, acts)}
    <ul class="device-lines soft">${visit.devices.map((device) => html`<li data-device=${device.id}>
      ${device.name}: ${!device.is_present ? words.notConnected : device.attention ? faultOf(device.attention).what : words.ready}</li>`)}</ul>
  </section>`
}

/** A device that waits for a person: what is wrong, and what helps. */
function fault(device) {
  const reason = device.is_present ? device.attention : "device_offline"
  if (!reason) return nothing
  const { what, remedy } = faultOf(reason)
  return html`<div class="notice device-fault" role="alert" data-oac="device-attention" data-reason=${reason}>
    <p><strong>${device.name}: ${what}</strong><br>${remedy}</p></div>`
}

/** The button that the open step needs from a device, if any. */
export function stepDevice(state, acts) {
  const act = deviceActOf(currentStep(state.server.visit))
  return { scan: scanButton, print: printButton }[act]?.(state, acts) ?? nothing
}

function scanButton(state, acts) {
  const { step, side } = plannedScan(state)
  const wording = side ? { label: sideText(side).scan, keys: KEYS.scan } : pageAwaited(state.server.visit) ? { label: words.scanNext, hint: KEYS.scan } : hasPages(state.server.visit, step?.document) ? { label: words.scanMore, hint: KEYS.scan } : { label: words.scan, keys: KEYS.scan }
  return button({
    ...wording, handle: `scan`, sign: "scan", look: step ? "button-primary" : "", isBusy: state.busy.scan,
    why: whyNotScan(state.server.visit), act: acts.scan,
  })
}

function scanning(state, acts, isInStep) {
  const { device, step, side, options, quality } = plannedScan(state)
  const kept = state.choices.scan.step === step?.id ? state.choices.scan.is_card : undefined
  const offer = offerOf(device)
  const set = (fields) => acts.choose("scan", { ...fields, step: step?.id ?? null })
  return html`${isInStep ? nothing : html`<div class="device-acts">${scanButton(state, acts)}</div>`}
    <fieldset class="device-options" data-oac="scan-options">
      <legend class=${isInStep ? "" : "only-heard"}>${words.scan}</legend>
      ${deviceChoice(words.scanner, devicesFor(state.server.visit, "scan"), device, set)}
      ${choice({ label: words.quality, value: quality, handle: `scan-quality`,
        options: [...Object.keys(device.qualities ?? {}), ...(quality ? [] : [""])].map((key) => [key, qualityText(key)]),
        act: (key) => set({ quality: key, resolution_dpi: null, colour: null }) })}
      ${choice({ label: words.source, value: options.source, handle: `scan-source`,
        options: offer.sources.map((key) => [key, sourceText(key)]), act: (source) => set({ source }) })}
      ${numbers(offer, options, set)}
      ${step?.scan.layout === "card" ? tick(pageWords.bothSides, side !== null || kept !== false, { handle: `scan-card`, act: (is) => set({ is_card: is }) }) : nothing}
      ${tick(words.pageByPage, options.page_by_page === true, { handle: `scan-page-by-page`, act: (is) => set({ page_by_page: is }) })}
      ${filters(state, acts)}
    </fieldset>`
}

/** What the quality means at this device, for who wants to know, or to have it otherwise. */
function numbers(offer, options, set) {
  return html`<details class="device-numbers" data-oac="scan-numbers">
    <summary>${words.dpi(options.resolution_dpi)} · ${colourText(options.colour)}</summary>
    <div>${choice({ label: words.resolution, value: options.resolution_dpi, handle: `scan-resolution`,
        options: offer.resolutions.map((dpi) => [dpi, words.dpi(dpi)]), act: (dpi) => set({ resolution_dpi: Number(dpi) }) })}
      ${choice({ label: words.colour, value: options.colour, handle: `scan-colour`,
        options: offer.colours.map((key) => [key, colourText(key)]), act: (colour) => set({ colour }) })}</div>
  </details>`
}

/** What the clerk looks at: the person, or a paper under the counter's document camera; nothing by telephone. */
function camera(state, acts) {
  const { server, busy } = state
  const { camera: shown, ticket, provider } = server.visit
  if (provider === "phone") return nothing
  const isDocument = shown === "document"
  const why = ticket.state === "called" ? "citizen-away" : null
  return html`<div class="device-acts">${button({
    handle: `look-document`, label: isDocument ? words.lookPerson : words.lookDocument, sign: "scan", why,
    isBusy: busy.camera, isPressed: isDocument, act: () => acts.look(isDocument ? "person" : "document"),
  })}${pictureButton(state, acts)}</div>`
}
