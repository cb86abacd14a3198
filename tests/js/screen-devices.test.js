// Signing on the screen: when it can be asked for, and what both sides make of it.
import assert from "node:assert/strict"
import { test } from "node:test"

import { isSignature, signRequest, whyNotAgain, whyNotSign } from "../../bridge/static/js/desk/models/screen.js"
import { guideOf } from "../../bridge/static/js/kiosk/jobs.js"
import { answerText } from "../../bridge/static/js/kiosk/news.js"

const device = { id: "screen:signature", name: "signature" }
const visit = (more = {}) => ({ ticket: { state: "serving" }, agent: false, can_sign: true, devices: [], jobs: [], ...more })

test("a signature needs a screen and a citizen, and no computer of the counter", () => {
  assert.equal(whyNotSign(visit()), null)
  assert.equal(whyNotSign(visit({ can_sign: false })), "no-sign-device")
  assert.equal(whyNotSign(visit({ is_paused: true })), "paused")
  assert.equal(whyNotSign(visit({ ticket: { state: "called" } })), "citizen-away")
  assert.equal(whyNotSign(visit({ ended_at: "2026-11-24T09:15:00.000Z" })), "visit-ended")
  assert.equal(whyNotSign(visit({ jobs: [{ state: "awaiting_consent", kind: "scan", device }] })), "sign-under-way")
})

test("what was signed is signed again, what was scanned is scanned again", () => {
  assert.equal(whyNotAgain(visit(), { kind: "scan", device }), null)
  assert.equal(whyNotAgain(visit(), { kind: "scan", device: { id: "sane:x" } }), "no-agent")
  assert.deepEqual(signRequest({ id: "s" }, { id: "p" }), { kind: "scan", device: device.id, step: "s", replaces: "p" })
  assert.equal(isSignature(null), false)
})

test("the kiosk shows what is to be signed instead of a question about a scanner", () => {
  const job = { id: "j", kind: "scan", state: "awaiting_consent", device, requested_at: "1" }
  assert.deepEqual(guideOf({ visit: {}, jobs: [job] }), { kind: "sign", job })
  assert.equal(guideOf({ visit: {}, jobs: [{ ...job, device: { id: "sane:x" } }] }).kind, "consent")
  assert.equal(guideOf({ visit: { is_paused: true }, jobs: [job] }).kind, "paused")
})

test("the citizen is told that it is signed, not that a page was scanned", () => {
  const ended = (state, reason = null) => answerText({ kind: "scan", state, reason, device })
  assert.equal(ended("produced"), "It is signed.")
  assert.equal(ended("refused"), "Nothing is signed.")
  assert.match(ended("refused", "on-paper"), /paper/)
  assert.equal(answerText({ kind: "scan", state: "produced", device: { id: "sane:x" } }), "The page is scanned.")
})
