// What the clerk's desk knows about queue, steps, devices and time, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Intents } from "../../bridge/static/js/desk/models/intents.js"
import { newsOf } from "../../bridge/static/js/desk/models/news.js"
import { arrivals, rowAct, sortRows, stageOf, whyNotCall, whyNotMove } from "../../bridge/static/js/desk/models/queue.js"
import { actOf } from "../../bridge/static/js/desk/shortcuts.js"
import { clockOffset, clockText, elapsed } from "../../bridge/static/js/lib/time.js"

const clerk = { state: "available", rights: ["ticket:call"] }
const row = (number, fields = {}) => ({
  id: number, number, state: "waiting", priority: 2, issued_at: `2026-11-24T09:${number.slice(-2)}:00Z`, ...fields,
})
const visit = (state, fields = {}) => ({
  id: "v", ticket: { id: "A001", number: "A001", state }, counter: { name: "Counter 1" }, jobs: [], ...fields,
})

test("a time is counted from the bridge's clock and never runs backwards", () => {
  const now = Date.parse("2026-11-24T09:10:00Z")
  assert.equal(elapsed("2026-11-24T09:05:53Z", now), 247)
  assert.equal(elapsed("2026-11-24T09:11:00Z", now), 0)
  assert.equal(elapsed(null, now), 0)
  assert.equal(clockOffset("2026-11-24T09:10:00Z", now - 90_000), 90_000)
  assert.equal(clockOffset(undefined, now), 0)
})

test("seconds are shown as minutes, and as hours when there are some", () => {
  assert.deepEqual([0, 59, 247, 3_727].map(clockText), ["0:00", "0:59", "4:07", "1:02:07"])
})

test("the list shows who is served, then who waits by priority and time, then parked and missed", () => {
  const rows = [
    row("A07", { state: "no_show" }), row("A05"), row("A04"), row("A06", { priority: 1 }),
    row("A03", { state: "parked" }), row("A01", { state: "serving" }),
  ]
  assert.deepEqual(sortRows(rows).map((one) => one.number), ["A01", "A06", "A04", "A05", "A03", "A07"])
})

test("calling wants a clerk who is available, without a visit, and somebody who waits", () => {
  const queue = [row("A05")]
  assert.equal(whyNotCall({ clerk, queue, visit: null }), null)
  assert.equal(whyNotCall({ clerk, queue: [row("A05", { state: "parked" })], visit: null }), "nobody-waits")
  assert.equal(whyNotCall({ clerk: { state: "break" }, queue, visit: null }), "not-available")
  assert.equal(whyNotCall({ clerk, queue, visit: visit("serving") }), "visit-open")
})

test("a row offers what the clerk's rights and the present visit allow", () => {
  const plus = { state: "available", rights: ["ticket:pick", "ticket:reinstate"] }
  assert.equal(rowAct(row("A05"), { visit: null, clerk }), null)
  assert.equal(rowAct(row("A05"), { visit: null, clerk: plus }), "pick")
  assert.equal(rowAct(row("A05", { state: "parked" }), { visit: null, clerk }), "resume")
  assert.equal(rowAct(row("A05", { state: "parked" }), { visit: visit("serving"), clerk }), null)
  assert.equal(rowAct(row("A05", { state: "no_show" }), { visit: visit("serving"), clerk: plus }), "reinstate")
})

test("a visit is parked only when it is met, and ended from anywhere after the arrival", () => {
  const table = (state) => ["park", "transfer", "end"].map((move) => whyNotMove(visit(state), move))
  assert.deepEqual(table("serving"), [null, null, null])
  assert.deepEqual(table("connecting"), ["not-met", null, null])
  assert.deepEqual(table("called"), ["citizen-away", "citizen-away", "citizen-away"])
  assert.deepEqual(table("wrap_up"), ["visit-ended", "visit-ended", "visit-ended"])
})

test("the middle of the desk follows from the visit alone", () => {
  const stages = [null, visit("called"), visit("connecting"), visit("interrupted"), visit("wrap_up")]
  assert.deepEqual(
    stages.map((one) => stageOf({ visit: one })),
    ["empty", "called", "meeting", "meeting", "wrap-up"],
  )
  assert.equal(stageOf({ visit: visit("serving", { ended_at: "2026-11-24T09:00:00Z" }) }), "wrap-up")
})

test("the same unanswered order keeps its key; an answered one gets a new key", () => {
  let made = 0
  const intents = new Intents(() => `key-${(made += 1)}`)
  const first = intents.keyFor("/jobs", { kind: "scan" })
  assert.equal(intents.keyFor("/jobs", { kind: "scan" }).key, first.key)
  assert.notEqual(intents.keyFor("/jobs", { kind: "print" }).key, first.key)
  intents.settle(first.name)
  assert.notEqual(intents.keyFor("/jobs", { kind: "scan" }).key, first.key)
})

test("what is new is told once, and nothing is told of a first state", () => {
  const state = (fields) => ({ visit: null, counters: [], ...fields })
  const job = (moved) => ({ id: "j", kind: "scan", ...moved })
  const serving = (moved) => state({ visit: visit("serving", { jobs: [job(moved)] }) })
  const keys = (before, after) => newsOf(before, after).map((one) => one.key)
  assert.deepEqual(keys(null, state()), [])
  assert.deepEqual(keys(state(), state({ visit: visit("called") })), ["called"])
  assert.deepEqual(keys(state({ visit: visit("called") }), state({ visit: visit("connecting") })), ["arrived"])
  assert.deepEqual(keys(serving({ state: "running" }), serving({ state: "produced" })), ["scanned"])
  assert.deepEqual(keys(serving({ state: "produced" }), serving({ state: "produced" })), [])
  const failed = serving({ state: "failed", reason: "device-gone" })
  assert.deepEqual(keys(serving({ state: "running" }), failed), ["failed"])
  const helped = state({ counters: [{ key: "c", name: "Counter 1", help: "raised" }] })
  assert.deepEqual(keys(state({ counters: [{ key: "c", help: null }] }), helped), ["help"])
})

test("a shortcut is Alt and a letter alone, and a key held down is pressed once", () => {
  const key = (code, fields = {}) => ({ code, altKey: true, ...fields })
  assert.equal(actOf(key("KeyN")), "callNext")
  assert.equal(actOf(key("KeyS")), "scan")
  assert.equal(actOf(key("KeyN", { ctrlKey: true })), null)
  assert.equal(actOf(key("KeyN", { repeat: true })), null)
  assert.equal(actOf({ code: "KeyN", altKey: false }), null)
})

test("a free clerk hears of those who have begun to wait, and nobody else does", () => {
  const before = { clerk, visit: null, queue: [row("A05"), row("A04", { state: "parked" })] }
  const after = { ...before, queue: [row("A05"), row("A06"), row("A04")] }
  assert.deepEqual(arrivals(before, after).map((one) => one.number), ["A04", "A06"])
  assert.deepEqual(arrivals(null, after), [])
  assert.deepEqual(arrivals(before, { ...after, visit: visit("serving") }), [])
  assert.deepEqual(arrivals(before, { ...after, clerk: { state: "break" } }), [])
})
