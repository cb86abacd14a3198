// What the desk shows of what the citizen writes, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { afterHeard, isWriting, WRITES_MS } from "../../bridge/static/js/desk/models/unread.js"

test("who took all letters back calls nobody, who ended a line is unread until it is looked at", () => {
  const heard = (before, text, isEnded = false) => afterHeard(before, { visit: "v", text, isEnded, now: 0 })
  assert.equal(heard(heard(null, "a"), ""), null)
  const line = heard(heard(null, "a"), "ab", true)
  assert.equal(isWriting(line, 0), false)
  assert.ok(heard(line, ""))
  assert.equal(afterHeard(line, { visit: "w", text: "", isEnded: false, now: 0 }), null)
})

test("nobody is believed to write for ever", () => {
  const letters = afterHeard(null, { visit: "v", text: "a", isEnded: false, now: 0 })
  assert.equal(isWriting(letters, WRITES_MS - 1), true)
  assert.equal(isWriting(letters, WRITES_MS), false)
})
