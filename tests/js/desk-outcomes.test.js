// How a visit is said to have ended, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { outcomesOf } from "../../bridge/static/js/desk/models/outcomes.js"

const service = (id, states, outcome = null) => ({ id, outcome, steps: states.map((state) => ({ state })) })
const outcomes = (services, chosen = {}) => outcomesOf({ server: { visit: { services } }, choices: { outcomes: chosen } })

test("what is done all through is called done, and what has no steps", () => {
  assert.deepEqual(outcomes([service("a", ["done", "done"]), service("b", [])]), { a: "done", b: "done" })
})

test("a service whose steps are open is not called done, unless the clerk says so", () => {
  const open = [service("a", ["done", "to_do"]), service("b", ["to_do"]), service("c", ["to_correct", "done"])]
  assert.deepEqual(outcomes(open), { a: "partly", b: "not_possible", c: "partly" })
  assert.equal(outcomes(open, { a: "done" }).a, "done")
  assert.equal(outcomes([service("a", ["to_do"], "to_follow_up")]).a, "to_follow_up")
})
