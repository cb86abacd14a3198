// How a visit meets, whether that works, and how else it could go on.
import assert from "node:assert/strict"
import { test } from "node:test"
import { meetingKey, otherWays, troubleOf, whyMove } from "../../bridge/static/js/desk/models/ways.js"
import { seatOf } from "../../bridge/static/js/kiosk/screen.js"

const READY = { is_ready: true, reason: null, choices: ["jitsi", "direct", "phone"] }
const DOWN = { ...READY, is_ready: false, reason: "down" }
const visit = (fields = {}) => ({
  id: "v", provider: "jitsi", ended_at: null, ticket: { state: "serving" }, refusals: {}, ...fields,
})

test("the desk says what is wrong before anybody is called", () => {
  assert.equal(troubleOf(READY), null)
  assert.equal(troubleOf(DOWN), "down")
  assert.equal(troubleOf({ ...READY, reason: "slow" }), "slow")
  assert.equal(troubleOf(undefined), null)
})

test("every other way is offered until the visit is over", () => {
  assert.deepEqual(otherWays({ visit: visit(), meeting: READY }), ["direct", "phone"])
  assert.deepEqual(otherWays({ visit: visit({ provider: "phone" }), meeting: READY }), ["jitsi", "direct"])
  assert.deepEqual(otherWays({ visit: visit({ ended_at: "now" }), meeting: READY }), [])
  assert.deepEqual(otherWays({ visit: visit({ ticket: { state: "wrap_up" } }), meeting: READY }), [])
  assert.deepEqual(otherWays({ visit: null, meeting: READY }), [])
})

test("the other ways stand outright only where this one fails", () => {
  const why = (fields, meeting = READY) => whyMove({ visit: visit(fields), meeting })
  assert.equal(why({}), null)
  assert.equal(why({}, DOWN), "server")
  assert.equal(why({ provider: "direct" }, DOWN), null)
  assert.equal(why({ ticket: { state: "interrupted" } }), "interrupted")
  assert.equal(why({ refusals: { citizen: "token-expired" } }), "citizen-refused")
  assert.equal(why({ refusals: { citizen: "token-expired", clerk: "token-room" } }), "clerk-refused")
  assert.equal(why({ provider: "phone", ticket: { state: "interrupted" } }), null)
})

test("whoever is moved sits anew, and on the telephone nowhere", () => {
  assert.notEqual(meetingKey(visit()), meetingKey(visit({ provider: "direct" })))
  assert.equal(seatOf("meeting", visit()), "v jitsi")
  assert.equal(seatOf("meeting", visit({ provider: "direct" })), "v direct")
  assert.equal(seatOf("meeting", visit({ provider: "phone" })), null)
  assert.equal(seatOf("called", visit()), null)
})
