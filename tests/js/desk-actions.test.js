// What plugins add to a counter, as the desk plans and shows it, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import {
  actionOfStep, actionRequest, handleOf, keyOf, lackingField, rowsOf, valuesOf, whyNotAction,
} from "../../bridge/static/js/desk/models/actions.js"
import { iconUri } from "../../bridge/static/js/meeting/icons.js"

const text = (en) => ({ ca: en, es: en, en })
const bell = {
  key: "ring-bell", device: "action:ring-bell", title: text("Ring"),
  fields: [
    { key: "times", kind: "number", label: text("How often"), is_required: true },
    { key: "loud", kind: "tick", label: text("Loud"), is_required: false },
    { key: "why", kind: "text", label: text("Why"), is_required: false },
  ],
  rows: [{ key: "rung", label: text("Rings") }],
}
const visit = (fields = {}) => ({
  ticket: { state: "serving" }, agent: true, jobs: [], actions: [bell], services: [], ...fields,
})

test("a form's values travel as what they are, and what is empty does not travel", () => {
  assert.deepEqual(valuesOf(bell, { times: "3", why: " " }), { times: 3, loud: false })
  assert.deepEqual(valuesOf(bell, { times: "", loud: true, why: "x" }), { loud: true, why: "x" })
})

test("a field that is needed is named before anything is sent", () => {
  assert.equal(lackingField(bell, {}).key, "times")
  assert.equal(lackingField(bell, { times: "1" }), null)
})

test("an action belongs to the open step that asks for it, and to no other", () => {
  const step = { id: "s", action: "ring-bell" }
  const open = visit({ services: [{ steps: [step] }], current_step: "s" })
  assert.equal(actionOfStep(open, step), bell)
  assert.equal(actionRequest({ visit: open, action: bell, filled: { times: 1 } }).step, "s")
  assert.equal("step" in actionRequest({ visit: visit(), action: bell, filled: {} }), false)
  assert.equal(actionOfStep(open, { action: null }), null)
})

test("a button in the meeting finds its action again", () => {
  assert.equal(keyOf(handleOf(bell)), "ring-bell")
  assert.equal(keyOf("scan"), null)
})

test("an action's button says why it rests", () => {
  assert.equal(whyNotAction(visit(), bell), null)
  assert.equal(whyNotAction(visit({ agent: false }), bell), "no-agent")
  assert.equal(whyNotAction(visit({ is_paused: true }), bell), "paused")
  const jobs = [{ kind: "action", state: "running", device: { id: bell.device } }]
  assert.equal(whyNotAction(visit({ jobs }), bell), "action-under-way")
})

test("an answer is shown row by row as it was declared", () => {
  const job = { device: { id: bell.device }, answer: { rung: 3, other: 1 } }
  assert.deepEqual(rowsOf(visit(), job), [[bell.rows[0].label, 3]])
})

test("a plugin's own sign is drawn, a stranger's name is not", () => {
  assert.ok(decodeURIComponent(iconUri("M3 5h18v6H3z")).includes('d="M3 5h18v6H3z"'))
  assert.ok(!decodeURIComponent(iconUri("microphone")).includes('d="microphone"'))
})
