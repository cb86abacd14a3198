// Parts of the counter's screen that need no page: sound, recovery, texts in every language.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Chime } from "../../bridge/static/js/lib/chime.js"
import { PATIENCE_MS, Recovery } from "../../bridge/static/js/kiosk/recovery.js"
import { threefold } from "../../bridge/static/js/kiosk/threefold.js"

const settled = () => new Promise((done) => setImmediate(done))

test("a counter taken for absent begins anew when the bridge answers, and only then", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  let isAway = true
  let restarts = 0
  const answers = async () => assert.ok(!isAway)
  const recovery = new Recovery({ answers, restart: () => (restarts += 1) })
  recovery.follow("preparing")
  recovery.follow("preparing")
  t.mock.timers.tick(PATIENCE_MS)
  await settled()
  assert.equal(restarts, 0)
  isAway = false
  t.mock.timers.tick(PATIENCE_MS)
  await settled()
  assert.equal(restarts, 1)
})

test("a counter that is there again does not begin anew", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  let asked = 0
  const recovery = new Recovery({ answers: async () => (asked += 1), restart: () => assert.fail() })
  recovery.follow("preparing")
  recovery.follow("language")
  t.mock.timers.tick(PATIENCE_MS)
  await settled()
  assert.equal(asked, 0)
})

test("nothing sounds before a touch, nor where the browser cannot", () => {
  const chime = new Chime(undefined)
  assert.equal(chime.ring(), false)
  chime.allow()
  assert.equal(chime.ring(), false)
})

test("what is said before a language is chosen is said in all of them", () => {
  for (const name of ["starting", "preparing", "unavailable", "closed", "help", "pairing", "linkLost"]) {
    const said = threefold(name)
    assert.deepEqual(said.map(({ lang }) => lang), ["ca-valencia", "es", "en"])
    assert.ok(said.every(({ title }) => title))
  }
})
