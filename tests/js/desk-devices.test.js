// Scans, prints and the live preview as the desk plans and shows them, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { fractionOf, isPreviewShown, pastJobs, pinnedJobs, repetitionOf } from "../../bridge/static/js/desk/models/jobs.js"
import {
  deviceActOf, devicesFor, formsOf, offerOf, pageAgainRequest, scanOptions, scanRequest, whyNotDevice,
} from "../../bridge/static/js/desk/models/steps.js"
import { BLANK, takeStrip } from "../../bridge/static/js/desk/models/strips.js"
import { Preview } from "../../bridge/static/js/desk/preview.js"
import { faultOf } from "../../bridge/static/js/lib/faults.js"

const scanner = {
  id: "sane:1", name: "Scanner", capabilities: ["scan"], sources: ["glass"], resolutions_dpi: [75, 150, 250, 600],
  colours: ["grey"], attention: null, is_present: true,
}
const visit = (fields = {}) => ({
  ticket: { state: "serving" }, agent: true, devices: [scanner], jobs: [], documents: [], ...fields,
})

test("a scan takes the step's wishes as far as the device can, resolution rather more than less", () => {
  const step = { scan: { resolution_dpi: 300, colour: "colour", source: "feeder" } }
  assert.deepEqual(scanOptions({ device: scanner, step }), { resolution_dpi: 600, colour: "grey", source: "glass" })
  const chosen = { resolution_dpi: 250 }
  assert.equal(scanOptions({ device: scanner, step, chosen }).resolution_dpi, 250)
})

test("no resolution below the law is offered unless the device has no other", () => {
  assert.deepEqual(offerOf(scanner).resolutions, [250, 600])
  assert.deepEqual(offerOf({ ...scanner, resolutions_dpi: [75, 150] }).resolutions, [75, 150])
  assert.deepEqual(offerOf({ sources: [] }).sources, ["glass", "feeder", "feeder_duplex"])
})

test("a further page of a step goes into the step's document", () => {
  const request = scanRequest({ device: scanner, step: { id: "s", document: "d" }, options: { resolution_dpi: 300 } })
  assert.deepEqual(request, {
    kind: "scan", device: "sane:1", options: { resolution_dpi: 300 }, step: "s", document: "d",
  })
  assert.equal("step" in scanRequest({ device: scanner, step: null, options: {} }), false)
})

test("a page is scanned again as it was, and says which page it replaces", () => {
  const jobs = [{ id: "j", options: { resolution_dpi: 600, colour: "grey", source: "glass" } }]
  const again = pageAgainRequest({
    visit: visit({ jobs }), document: { id: "d", step: "s" }, page: { id: "p", job: "j" }, device: scanner, step: null,
  })
  assert.equal(again.replaces, "p")
  assert.equal(again.options.resolution_dpi, 600)
  assert.deepEqual([again.document, again.step], ["d", "s"])
})

test("a device button says why it rests", () => {
  assert.equal(whyNotDevice(visit(), "scan"), null)
  assert.equal(whyNotDevice(visit(), "print"), "no-print-device")
  assert.equal(whyNotDevice(visit({ agent: false }), "scan"), "no-agent")
  assert.equal(whyNotDevice(visit({ is_paused: true }), "scan"), "paused")
  assert.equal(whyNotDevice(visit({ ticket: { state: "called" } }), "scan"), "citizen-away")
  assert.equal(whyNotDevice(visit({ devices: [{ ...scanner, is_present: false }] }), "scan"), "scan-device-away")
  assert.equal(whyNotDevice(visit({ jobs: [{ kind: "scan", state: "running" }] }), "scan"), "scan-under-way")
  assert.equal(whyNotDevice(null, "scan"), "no-visit")
})

test("the device that is ready comes before one that waits, and one that is away is last", () => {
  const devices = [
    { ...scanner, id: "away", is_present: false }, { ...scanner, id: "jam", attention: "paper_jam" },
    { ...scanner, id: "ready" },
  ]
  assert.deepEqual(devicesFor(visit({ devices }), "scan").map((one) => one.id), ["ready", "jam", "away"])
})

test("the form of the current step is the first to be printed", () => {
  const forms = [{ key: "a" }, { key: "b" }]
  assert.deepEqual(formsOf({ forms }, { form: "b" }).map((one) => one.key), ["b", "a"])
  assert.deepEqual(formsOf({ forms }, null).map((one) => one.key), ["a", "b"])
})

const jobs = (...states) => states.map((state, at) => {
  const [kind, name] = state.split(" ")
  return { id: at, kind, state: name, step: "s" }
})

test("what waits for somebody, and what went wrong last, is pinned; what went well is not", () => {
  const pinned = (...states) => pinnedJobs({ jobs: jobs(...states) }).map((job) => job.id)
  assert.deepEqual(pinned("scan awaiting_consent"), [0])
  assert.deepEqual(pinned("print needs_attention", "scan produced"), [0])
  assert.deepEqual(pinned("print produced"), [0])
  for (const state of ["refused", "failed", "expired"]) assert.deepEqual(pinned(`print ${state}`), [0], state)
  assert.deepEqual(pinned("print confirmed", "scan produced", "scan cancelled"), [])
})

test("a trouble is settled by trying again, by a step that is done, or by being seen", () => {
  const visit = { jobs: jobs("scan running", "print failed", "scan failed") }
  assert.deepEqual(pinnedJobs(visit).map((job) => job.id), [0, 1])
  assert.deepEqual(pinnedJobs(visit, [1]).map((job) => job.id), [0])
  const services = [{ steps: [{ id: "s", state: "done" }] }]
  assert.deepEqual(pinnedJobs({ ...visit, services }).map((job) => job.id), [0])
})

test("of what has ended only the newest is listed, and never what is pinned already", () => {
  const visit = { jobs: jobs("print produced", "scan failed", "scan cancelled", "scan running", "print confirmed") }
  assert.deepEqual(pinnedJobs(visit).map((job) => job.id), [0, 1, 3])
  assert.deepEqual(pastJobs(visit).map((job) => job.id), [2, 4])
  assert.deepEqual(pastJobs(visit, [1]).map((job) => job.id), [1, 2])
})

test("a page that arrived and was removed does not come back as a preview", () => {
  globalThis.document = /** @type {any} */ ({ createElement: () => ({}) })
  const preview = new Preview(() => {})
  preview.sheet = { ...BLANK, job: "j", page: 1 }
  const produced = [{ id: "j", kind: "scan", state: "produced" }]
  const there = visit({ jobs: produced, documents: [{ pages: [{ job: "j", number: 1, state: "visible" }] }] })
  preview.follow(there)
  assert.equal(isPreviewShown(visit({ jobs: produced, documents: [{ pages: [] }] }), preview.sheet), false)
})

test("progress is that of this job, within its bounds, and only while a device works", () => {
  const job = { id: "j", state: "running" }
  assert.equal(fractionOf(job, { j: { fraction: 1.4 } }), 1)
  assert.equal(fractionOf(job, { j: { fraction: null } }), null)
  assert.equal(fractionOf(job, {}), null)
  assert.equal(fractionOf({ ...job, state: "produced" }, { j: { fraction: 1 } }), null)
})

test("asking again for a job that failed asks for the same thing", () => {
  const job = { kind: "scan", options: { resolution_dpi: 300 }, device: { id: "sane:1" }, document: "d", step: null }
  assert.deepEqual(repetitionOf(job), {
    kind: "scan", device: "sane:1", options: { resolution_dpi: 300 }, document: "d",
  })
})

test("asking again for a side of a card, or for a page that is there, still takes its place", () => {
  const job = { kind: "scan", device: { id: "sane:1" }, document: "d", side: "front", replaces: "p1" }
  const there = visit({ documents: [{ id: "d", pages: [{ id: "p1" }] }] })
  const { side, replaces } = repetitionOf(job, there)
  assert.deepEqual({ side, replaces }, { side: "front", replaces: "p1" })
  assert.equal("replaces" in repetitionOf(job, visit({ documents: [{ id: "d", pages: [] }] })), false)
})

test("the preview stays until its page is among the documents", () => {
  const preview = { job: "j", page: 1 }
  const job = (state) => [{ id: "j", kind: "scan", state }]
  const pages = (state) => [{ pages: [{ job: "j", number: 1, state }] }]
  assert.equal(isPreviewShown(visit({ jobs: job("running") }), preview), true)
  assert.equal(isPreviewShown(visit({ jobs: job("produced") }), preview), true)
  assert.equal(isPreviewShown(visit({ jobs: job("produced"), documents: pages("quarantine") }), preview), true)
  assert.equal(isPreviewShown(visit({ jobs: job("produced"), documents: pages("visible") }), preview), false)
  assert.equal(isPreviewShown(visit({ jobs: job("failed") }), preview), false)
  assert.equal(isPreviewShown(visit(), preview), false)
})

test("strips are placed by their row; a new page clears, a longer one grows, an old one is left", () => {
  const strip = (fields) => ({ job: "j", page: 1, top: 0, width: 100, height: 20, total_height: 141, ...fields })
  const first = takeStrip(BLANK, strip())
  assert.deepEqual([first.canvas, first.sheet.width, first.sheet.height, first.sheet.filled], ["clear", 100, 141, 20])
  const second = takeStrip(first.sheet, strip({ top: 20 }))
  assert.deepEqual([second.canvas, second.sheet.filled], ["keep", 40])
  const long = takeStrip(second.sheet, strip({ top: 140, total_height: null }))
  assert.equal(long.canvas, "grow")
  assert.ok(long.sheet.height >= 160)
  const next = takeStrip(long.sheet, strip({ page: 2 }))
  assert.deepEqual([next.canvas, next.sheet.page], ["clear", 2])
  assert.deepEqual(takeStrip(next.sheet, strip({ top: 40 })), { sheet: next.sheet, canvas: "skip" })
})

test("an unforeseen height begins as a sheet of the A series", () => {
  const { sheet } = takeStrip(BLANK, { job: "j", page: 1, top: 0, width: 100, height: 20, total_height: null })
  assert.equal(sheet.height, 141)
})

test("every fault has a remedy, and a stranger's fault is said to need a person", () => {
  const reasons = [
    "paper_empty", "page_too_long", "device-gone", "result-unsound", "not-come-out", "driver-failed", "device-silent", "token-revoked",
    "page-unreadable", "page-too-large", "hash-mismatch", "document-unsound", "message-unsound", "value-unfit",
  ]
  for (const reason of reasons) {
    const { what, remedy } = faultOf(reason)
    assert.ok(what.endsWith(".") && remedy.length > 10 && what !== faultOf("unknown").what, reason)
  }
  assert.deepEqual(faultOf("from-a-plugin"), faultOf("unknown"))
})

test("a step that needs a device carries its button: to scan, to print, or to scan back", () => {
  const scan = { purpose: "identity-card" }
  assert.equal(deviceActOf({ kind: "scan", scan }), "scan")
  assert.equal(deviceActOf({ kind: "sign_and_scan_back", scan, form: "census" }), "scan")
  assert.equal(deviceActOf({ kind: "print", proof: "print", scan: null, form: "census" }), "print")
  assert.equal(deviceActOf({ kind: "information", scan: null }), null)
  assert.equal(deviceActOf(null), null)
})
