// What the desk's scan button orders, and what it goes on with, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { pageAwaited } from "../../bridge/static/js/desk/models/jobs.js"
import { pageAgainRequest, qualityOf, scanOptions, whyNotDevice, whyNotScan } from "../../bridge/static/js/desk/models/steps.js"

const scanner = {
  id: "sane:1", name: "Scanner", capabilities: ["scan"], sources: ["glass"], resolutions_dpi: [75, 150, 250, 600],
  colours: ["grey"], attention: null, is_present: true,
}
const visit = (fields = {}) => ({
  ticket: { state: "serving" }, agent: true, devices: [scanner], jobs: [], documents: [], ...fields,
})

test("a scan that waits for its next page goes on with it, and holds up everything else", () => {
  const waiting = { kind: "scan", state: "needs_attention", awaits_page: 2 }
  assert.equal(whyNotScan(visit({ jobs: [waiting] })), null)
  assert.equal(whyNotDevice(visit({ jobs: [waiting] }), "scan"), "scan-under-way")
  assert.equal(whyNotScan(visit({ jobs: [waiting], agent: false })), "no-agent")
  assert.equal(whyNotScan(visit({ jobs: [{ kind: "scan", state: "running" }] })), "scan-under-way")
  assert.equal(pageAwaited(visit({ jobs: [waiting] })), waiting)
})

test("page by page is ordered only when it was ticked, and never for one page again", () => {
  assert.equal("page_by_page" in scanOptions({ device: scanner, step: null }), false)
  const ticked = { page_by_page: true }
  assert.equal(scanOptions({ device: scanner, step: null, chosen: ticked }).page_by_page, true)
  assert.equal(scanOptions({ device: scanner, step: { scan: ticked }, chosen: { page_by_page: false } }).page_by_page, undefined)
  const jobs = [{ id: "j", options: { page_by_page: true } }]
  const again = pageAgainRequest({
    visit: visit({ jobs }), document: { id: "d" }, page: { id: "p", job: "j" }, device: scanner, step: null,
  })
  assert.equal("page_by_page" in again.options, false)
})

const qualities = { text: { resolution_dpi: 250, colour: "grey" }, photo: { resolution_dpi: 600, colour: "grey" } }
const skilled = { ...scanner, qualities, sources: ["glass", "feeder"] }

test("what a page is for decides the numbers, until somebody names them", () => {
  const plan = (chosen, scan = { quality: "photo", source: null, resolution_dpi: null, colour: null }) =>
    scanOptions({ device: skilled, step: { scan }, chosen })
  assert.equal(plan({}).resolution_dpi, 600)
  assert.equal(plan({ quality: "text", resolution_dpi: null, colour: null }).resolution_dpi, 250)
  assert.equal(plan({ quality: "text", resolution_dpi: 600 }).resolution_dpi, 600)
  assert.equal(plan({}, { quality: "text", resolution_dpi: 600 }).resolution_dpi, 600)
  assert.equal(plan({ quality: "text", resolution_dpi: null }, { quality: "photo", resolution_dpi: 600 }).resolution_dpi, 250)
})

test("a scan of nothing in particular is made as the device was last used", () => {
  const last_choice = { resolution_dpi: 600, colour: "grey", source: "feeder" }
  const device = { ...skilled, last_choice }
  assert.deepEqual(scanOptions({ device, step: null }), last_choice)
  assert.equal(scanOptions({ device, step: { scan: { quality: "text", source: "glass" } } }).source, "glass")
  assert.equal(scanOptions({ device, step: { scan: { quality: "text", source: null } } }).source, "feeder")
  assert.equal(scanOptions({ device: { ...device, sources: ["glass"] }, step: null }).source, "glass")
})

test("numbers are called by what they are for, and by nothing when they are nobody's", () => {
  const options = (resolution_dpi) => ({ resolution_dpi, colour: "grey" })
  const text = { scan: { quality: "text" } }
  assert.equal(qualityOf({ device: skilled, options: options(250) }), "text")
  assert.equal(qualityOf({ device: skilled, step: text, options: options(150) }), "")
  const plain = { ...skilled, qualities: { text: qualities.text, "identity-card": qualities.text } }
  assert.equal(qualityOf({ device: plain, options: options(250), chosen: { quality: "identity-card" } }), "identity-card")
  assert.equal(qualityOf({ device: scanner, options: options(250) }), "")
})

test("a step that names a quality is shown with it, though its colour is that of another", () => {
  const numbers = (colour) => ({ resolution_dpi: 300, colour })
  const device = {
    ...scanner, resolutions_dpi: [300], colours: ["colour", "grey"],
    qualities: { "text": numbers("grey"), "identity-card": numbers("colour") },
  }
  const step = { scan: { quality: "text", colour: "colour" } }
  const shown = (chosen) => qualityOf({ device, step, chosen, options: scanOptions({ device, step, chosen }) })
  assert.equal(shown({}), "text")
  assert.equal(shown({ source: "glass" }), "text")
  assert.equal(shown({ quality: "identity-card" }), "identity-card")
  assert.equal(shown({ quality: "text" }), "text")
})
