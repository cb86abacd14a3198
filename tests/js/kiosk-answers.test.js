// What the citizen is told: whether somebody comes, what is asked, what became of their answer.
import assert from "node:assert/strict"
import { test } from "node:test"

import { progressOf } from "../../bridge/static/js/kiosk/jobs.js"
import { answerOf, answerText, endedBetween } from "../../bridge/static/js/kiosk/news.js"
import { isCalledAgain, languageOf, missedBetween, screenOf } from "../../bridge/static/js/kiosk/screen.js"
import { attentionOf, consentText, deviceText, reminderOf } from "../../bridge/static/js/kiosk/sentences.js"

const kiosk = ({ counter = "idle", ticket = null, visit = null, isOpen = true } = {}) => ({
  counter: { key: "counter-1", name: "Counter 1", state: counter },
  office: { name: "Oficina Única", is_open: isOpen },
  ticket: ticket && { number: "A012", state: ticket, language: "ca", ahead: 0 },
  visit: visit && { id: "v", is_paused: false, step: null },
  jobs: [],
})

test("help is said to come only when somebody was called, and what it does is said", () => {
  const remedies = [null, "raised", "acknowledged", "on_the_way", "with_citizen"].map((state) =>
    attentionOf("paper_jam", state && { state }).remedy)
  assert.equal(new Set(remedies).size, 5)
  assert.match(remedies[0], /Touch/)
  assert.equal(attentionOf("paper_jam", { state: "escalated" }).remedy, remedies[1])
  assert.equal(attentionOf("cover_open", { state: "raised" }).remedy, "Please close it.")
})

test("the question is for a page or for the whole paper, and names the place's device", () => {
  const scan = { kind: "scan", clerk: "Empar" }
  assert.match(consentText({ ...scan, is_for_all_pages: true }), /all the pages/)
  assert.equal(consentText({ ...scan, is_for_all_pages: false }), "Empar wants to scan:")
  assert.equal(deviceText({ kind: "print", device: { name: "COUNTER" } }), "With the printer of this place.")
})

test("what the citizen did is answered once, and not over everything being stopped", () => {
  const state = (job, { isPaused = false, visit = "v" } = {}) =>
    ({ visit: { id: visit, is_paused: isPaused }, last_job: job })
  const refused = { id: "a", kind: "scan", state: "refused" }
  assert.equal(endedBetween(state(null), state(refused)), refused)
  assert.equal(endedBetween(state(refused), state({ ...refused })), null)
  assert.equal(endedBetween(state(null), state(refused, { isPaused: true })), null)
  assert.equal(endedBetween(state(null, { visit: "u" }), state(refused)), null)
  assert.equal(endedBetween(null, state(refused)), null)
})

test("every end of a job has its answer", () => {
  const ends = ["refused", "failed", "cancelled", "expired"].flatMap((end) => [`scan ${end}`, `print ${end}`, `action ${end}`])
  for (const end of [...ends, "scan produced", "action produced", "print confirmed"]) {
    const [kind, state] = end.split(" ")
    assert.ok(answerText({ kind, state, reason: "device-gone" }), end)
  }
  const [no, fault] = ["not-come-out", null].map((reason) => answerText({ kind: "print", state: "failed", reason }))
  assert.notEqual(no, fault)
  assert.equal(answerText({ kind: "action", state: "refused", reason: null }), "Nothing is done.")
})

test("only what was done is answered as done", () => {
  const isDone = (kind, state, reason = null) => answerOf({ kind, state, reason }).isDone
  for (const [kind, state] of [["scan", "produced"], ["action", "produced"], ["print", "confirmed"]]) assert.ok(isDone(kind, state), state)
  for (const state of ["refused", "failed", "cancelled", "expired"]) assert.ok(!isDone("scan", state), state)
  assert.ok(!isDone("print", "failed", "not-come-out"))
})

test("what a step asks for is not asked while a device works on it, nor once it is done", () => {
  const step = { id: "s", kind: "scan" }
  const print = { id: "s", kind: "print" }
  const at = (kind, state, more = {}) => ({ jobs: [], last_job: { kind, state, step: "s", device: { id: "sane:x" }, ...more } })
  assert.equal(progressOf(step, { jobs: [], last_job: null }), null)
  assert.equal(progressOf(step, { jobs: [{ kind: "scan", state: "running" }], last_job: null }), "working")
  assert.equal(progressOf(step, at("scan", "produced")), "scanned")
  assert.equal(progressOf(step, at("scan", "failed")), "failed")
  assert.equal(progressOf(step, at("scan", "refused")), null)
  assert.equal(progressOf(step, at("scan", "produced", { step: "another" })), null)
  assert.equal(progressOf(step, at("scan", "produced", { device: { id: "screen:signature" } })), null)
  assert.equal(progressOf(print, at("print", "confirmed")), "printed")
  // What was printed in it is what a step of another kind begins with.
  assert.equal(progressOf({ id: "s", kind: "sign_and_scan_back" }, at("print", "confirmed")), null)
})

test("who did not come is told so, and can be led to a person; another ticket goes first", () => {
  const called = kiosk({ counter: "reserved", ticket: "called", visit: true })
  const missed = missedBetween(called, kiosk())
  assert.equal(missed.number, "A012")
  assert.equal(missedBetween(kiosk({ ticket: "waiting" }), kiosk()), null)
  assert.equal(missedBetween(null, kiosk()), null)
  assert.equal(screenOf({ server: kiosk(), missed }), "missed")
  assert.equal(languageOf({ server: kiosk(), missed }), "ca")
  assert.equal(screenOf({ server: kiosk({ ticket: "waiting" }), missed }), "waiting")
})

test("whoever is called again is not told goodbye", () => {
  for (const state of ["parked", "waiting", "rerouted"]) assert.ok(isCalledAgain({ ticket: { state } }), state)
  for (const state of ["wrap_up", "completed"]) assert.ok(!isCalledAgain({ ticket: { state } }), state)
  assert.ok(!isCalledAgain({ ticket: null }))
})

test("nobody leaves a paper where it was printed or scanned", () => {
  assert.deepEqual(reminderOf(["tray"]), { picture: "paper-from-printer", texts: ["Take your papers out of the printer."] })
  const both = reminderOf(["tray", "glass", "roof"])
  assert.equal(both.picture, "take-papers")
  assert.deepEqual(both.texts, ["Take your papers out of the printer.", "Take your card or paper off the scanner."])
  assert.deepEqual(reminderOf().texts, ["Take your card and all your papers."])
})
