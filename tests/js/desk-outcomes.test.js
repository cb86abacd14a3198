// How a visit is said to have ended, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { outcomesOf } from "../../bridge/static/js/desk/models/outcomes.js"

const service = (id, states, outcome = null) => ({ id, outcome, steps: states.map((state) => ({ state })) })
const outcomes = (services, chosen = {}) => outcomesOf({ server: { visit: { services } }, choices: { outcomes: chosen } })

test("what is done to its last step is called done", () => {
  assert.deepEqual(outcomes([service("a", ["done", "done"]), service("b", ["done"])]), { a: "done", b: "done" })
})

test("of anything else nothing is said before the clerk says it", () => {
  const open = [service("a", ["done", "to_do"]), service("b", ["to_do"]), service("c", ["to_correct", "done"]), service("d", [])]
  assert.deepEqual(outcomes(open), { a: null, b: null, c: null, d: null })
  assert.equal(outcomes(open, { a: "done" }).a, "done")
  assert.equal(outcomes([service("a", ["to_do"], "to_follow_up")]).a, "to_follow_up")
})
