// What the desk's scan button orders, and what it goes on with, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { pageAwaited } from "../../bridge/static/js/desk/models/jobs.js"
import { pageAgainRequest, scanOptions, whyNotDevice, whyNotScan } from "../../bridge/static/js/desk/models/steps.js"

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
