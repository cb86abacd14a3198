// What the helper in the hall is shown, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { newRequests, nextOf } from "../../bridge/static/js/helper/requests.js"
import { LinkWatch } from "../../bridge/static/js/lib/link-watch.js"

const request = (id, state) => ({ id, state })

test("a request goes on one step at a time, and ends by being solved", () => {
  const states = ["raised", "escalated", "acknowledged", "on_the_way", "with_citizen"]
  const events = states.map((state) => nextOf(request("h", state)).event)
  assert.deepEqual(events, ["acknowledge", "acknowledge", "set_out", "arrive", "solve"])
})

test("a helper is called for what is new, and once more for what nobody took", () => {
  const before = { requests: [request("a", "raised"), request("b", "raised")] }
  const after = { requests: [request("a", "acknowledged"), request("b", "escalated"), request("c", "raised")] }
  assert.deepEqual(newRequests(null, before).map((one) => one.id), ["a", "b"])
  assert.deepEqual(newRequests(before, after).map((one) => one.id), ["b", "c"])
  assert.deepEqual(newRequests(after, after), [])
})

test("a request that fails is told at once, and taken back with the next answer", () => {
  const told = []
  const watch = new LinkWatch((isLost) => told.push(isLost))
  watch.unanswered()
  watch.answered()
  watch.stop()
  assert.deepEqual(told, [true, false])
})
