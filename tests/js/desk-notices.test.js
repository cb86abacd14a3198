// What the clerk is told inside the meeting, and what an answer does, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { answerNotice } from "../../bridge/static/js/desk/answers.js"
import { noticesOf } from "../../bridge/static/js/desk/models/notices.js"
import { buttonsOf, noticeList } from "../../bridge/static/js/desk/views/in-meeting.js"
import { noticeText } from "../../bridge/static/js/desk/words/notices.js"
import { newsText } from "../../bridge/static/js/desk/words/states.js"

const SCANNER = { id: "s", name: "Scanner", capabilities: ["scan"], is_present: true, attention: null }
const page = (fields = {}) => ({ id: "p1", job: "j1", number: 1, state: "visible", problems: [], ...fields })
const scanned = (fields = {}) => ({ id: "j1", kind: "scan", state: "produced", device: SCANNER, purpose: "document", ...fields })
const visit = (fields = {}) => ({
  id: "v", ended_at: null, is_paused: false, agent: true, ticket: { state: "serving" }, current_step: "st", help: null,
  camera_fault: null, devices: [SCANNER], jobs: [scanned()],
  services: [{ steps: [{ id: "st", state: "to_do", title: { en: "Card" }, scan: {} }] }],
  documents: [{ id: "d", step: "st", title: { en: "Card" }, pages: [page()] }], ...fields,
})
const kinds = (fields, put) => noticesOf(visit(fields), put).map(({ kind, acts }) => [kind, ...acts])
const job = (state, fields = {}) => scanned({ state, ...fields })

test("a page that came can be accepted or scanned again, until somebody did", () => {
  assert.deepEqual(kinds({}), [["scan", "accept", "again"]])
  const [{ key }] = noticesOf(visit())
  assert.deepEqual(kinds({}, { [key]: true }), [])
  assert.deepEqual(kinds({ services: [{ steps: [{ id: "st", state: "done", scan: {} }] }] }), [])
  assert.deepEqual(kinds({ documents: [{ id: "d", step: "st", pages: [page({ state: "removed" })] }] }), [])
  assert.deepEqual(kinds({ documents: [{ id: "d", step: "st", pages: [page({ state: "quarantine" })] }] }), [])
  assert.deepEqual(kinds({ jobs: [job("running", { id: "j2" }), scanned()] }), [])
  assert.deepEqual(kinds({ ended_at: "2026-11-24T09:00:00Z" }), [])
  assert.deepEqual(noticesOf(null), [])
})

test("a picture and a signature are not called a scan, nor is it scanned again", () => {
  const said = (id) => noticeText(noticesOf(visit({ jobs: [scanned({ device: { id, name: "x" } })] }))[0])
  const told = (id) => [said(id).title, ...said(id).actions.map(({ text }) => text)]
  assert.deepEqual(told("s"), ["Scan ready", "Accept", "Scan again"])
  assert.deepEqual(told("screen:camera"), ["Picture ready", "Accept", "Try again"])
  assert.deepEqual(told("screen:signature"), ["Signature ready", "Accept", "Try again"])
  const news = (id) => newsText({ key: "scanned", job: { device: { id } } })
  assert.deepEqual(["s", "screen:camera", "screen:signature"].map(news),
    ["The scan is done.", "The picture is taken.", "The citizen has signed."])
})

test("a page that cannot be kept is not accepted, and of several none can be meant by again", () => {
  const barred = { id: "d", step: "st", title: { en: "Card" }, pages: [page({ state: "barred", problems: [{ text: "Too coarse." }] })] }
  assert.deepEqual(kinds({ documents: [barred] }), [["scan", "again"]])
  const [notice] = noticesOf(visit({ documents: [barred] }))
  assert.equal(noticeText(notice).look, "warning")
  assert.match(noticeText(notice).text, /Too coarse\./)
  const two = { id: "d", step: "st", title: { en: "Card" }, pages: [page(), page({ id: "p2", number: 2 })] }
  assert.deepEqual(kinds({ documents: [two] }), [["scan", "accept"]])
})

test("of each kind the newest is told, and a page no more once its step was left", () => {
  const printed = (id) => ({ id, kind: "print", state: "produced", device: SCANNER, purpose: "form" })
  const jobs = [printed("j4"), printed("j3"), scanned()]
  assert.deepEqual(noticesOf(visit({ jobs })).map(({ key }) => key), ["scan:p1", "print:j4"])
  assert.deepEqual(noticesOf(visit({ jobs }), { "print:j4": true }).map(({ key }) => key), ["scan:p1", "print:j3"])
  assert.deepEqual(kinds({ current_step: "next" }), [])
  const documents = [{ id: "d", step: null, title: { en: "x" }, pages: [page()] }]
  assert.deepEqual(kinds({ documents }), [["scan", "accept", "again"]])
  assert.deepEqual(kinds({ documents, jobs: [{ ...printed("j5"), state: "confirmed" }, scanned()] }), [])
})

test("a print asks whether the paper came out, and only while nobody has said so", () => {
  const printed = { id: "j3", kind: "print", state: "produced", device: SCANNER, purpose: "form" }
  assert.deepEqual(kinds({ jobs: [printed] }), [["print", "yes", "no"]])
  assert.deepEqual(kinds({ jobs: [{ ...printed, state: "confirmed" }] }), [])
})

test("what was refused or failed can be asked for again, until it was", () => {
  for (const state of ["refused", "failed", "expired"]) assert.deepEqual(kinds({ jobs: [job(state)] }), [[state, "repeat"]])
  assert.deepEqual(kinds({ jobs: [job("requested", { id: "j2" }), job("refused")] }), [])
  assert.deepEqual(kinds({ jobs: [job("cancelled")] }), [])
})

test("an action that came to nothing is told by its title, never by its device", () => {
  const action = { kind: "action", device: { id: "action:ring", name: "action:ring" }, title: { en: "Ring" } }
  for (const state of ["refused", "failed", "expired", "needs_attention"]) {
    const [notice] = noticesOf(visit({ devices: [], jobs: [job(state, { ...action, reason: "cover_open" })] }))
    const said = JSON.stringify(noticeText(notice))
    assert.match(said, /Ring/, state)
    assert.doesNotMatch(said.replace(notice.key, ""), /action:ring/, state)
  }
})

test("a device that waits for a person is told once, with its job or by itself", () => {
  const held = { ...SCANNER, attention: "feeder_jam" }
  const waits = job("needs_attention", { reason: "feeder_jam" })
  assert.deepEqual(kinds({ devices: [held], jobs: [waits] }), [["attention", "stop"]])
  assert.deepEqual(kinds({ devices: [held], jobs: [] }), [["attention"]])
  const pages = job("needs_attention", { reason: "next_page", awaits_page: 2 })
  assert.deepEqual(kinds({ devices: [SCANNER], jobs: [pages] }), [["page", "next", "last"]])
  assert.deepEqual(kinds({ devices: [{ ...held, is_present: false }], jobs: [] }), [])
  assert.deepEqual(kinds({ jobs: [], camera_fault: "camera-missing" }), [["camera"]])
  for (const notice of noticesOf(visit({ devices: [held], jobs: [waits], camera_fault: "camera-busy" }))) {
    assert.ok(noticeText(notice).title)
  }
})

/** Answers a notice of `fields` and says which acts of the panel were done. */
function answered(fields, action, { put = {}, key } = {}) {
  const done = []
  const names = ["stepTo", "pageAgain", "confirm", "again", "cancel", "turnPage"]
  const acts = Object.fromEntries(names.map((name) => [name, (...facts) => done.push([name, ...facts.map((one) => one.id ?? one)])]))
  const desk = {
    state: { server: { visit: visit(fields) }, choices: { put } },
    choose: (name, facts) => done.push([name, facts]),
  }
  const [first] = noticesOf(desk.state.server.visit, put)
  answerNotice(desk, acts, { key: key ?? first.key, action })
  return done
}

test("an answer does what the panel's own button does", () => {
  const printed = { id: "j3", kind: "print", state: "produced", device: SCANNER }
  assert.deepEqual(answered({}, "accept"), [["stepTo", "st", "done"]])
  assert.deepEqual(answered({}, "again"), [["pageAgain", "d", "p1"]])
  assert.deepEqual(answered({ jobs: [printed] }, "yes"), [["confirm", "j3", true]])
  assert.deepEqual(answered({ jobs: [printed] }, "no"), [["confirm", "j3", false]])
  assert.deepEqual(answered({ jobs: [job("refused")] }, "repeat"), [["again", "j1"]])
  assert.deepEqual(answered({ jobs: [job("needs_attention", { reason: "paper_jam" })] }, "stop"), [["cancel", "j1"]])
  const pages = [job("needs_attention", { awaits_page: 2 })]
  assert.deepEqual(answered({ jobs: pages }, "next"), [["turnPage", "j1"]])
  assert.deepEqual(answered({ jobs: pages }, "last"), [["turnPage", "j1", true]])
})

test("what changes nothing is put away, and an answer that comes too late does nothing", () => {
  assert.deepEqual(answered({}, null), [["put", { "scan:p1": true }]])
  const loose = { services: [], documents: [{ id: "d", step: null, title: { en: "x" }, pages: [page()] }] }
  assert.deepEqual(answered(loose, "accept"), [["put", { "scan:p1": true }]])
  assert.deepEqual(answered({}, "accept", { key: "scan:gone" }), [])
})

test("the lists stay the same things until something in them changes", () => {
  assert.equal(buttonsOf(visit()), buttonsOf(visit()))
  assert.equal(noticeList(visit(), {}), noticeList(visit(), {}))
  const [scan, , help] = buttonsOf(visit({ jobs: [job("running")], help: { id: "h", state: "raised" } }))
  assert.deepEqual([scan.state, scan.hint, help.state], ["busy", "Scan: under way", "busy"])
  assert.equal(buttonsOf(visit({ agent: false }))[0].hint, "Scan: not possible now")
})
