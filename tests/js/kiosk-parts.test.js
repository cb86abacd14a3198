// Parts of the counter's screen that need no page: sound, recovery, texts in every language.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Chime } from "../../bridge/static/js/lib/chime.js"
import { Halt } from "../../bridge/static/js/kiosk/halt.js"
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

/** What a reload leaves, as localStorage. */
const memory = () => {
  const kept = new Map()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    get length() {
      return kept.size
    },
  }
}

const visited = (id, isPaused = false) => ({ visit: id && { id, is_paused: isPaused } })

test("what was stopped stays stopped until the bridge has heard it, whatever it says meanwhile", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  const answers = [false, false, true]
  let isShown = false
  const halt = new Halt({
    memory: memory(),
    send: async () => answers.shift(),
    shown: () => (isShown = halt.over(visited("v1")).visit.is_paused),
  })
  halt.begin("v1")
  assert.equal(isShown, true) // before any answer
  for (const left of [2, 1]) {
    await settled()
    assert.equal(answers.length, left)
    assert.equal(halt.over(visited("v1")).visit.is_paused, true)
    t.mock.timers.tick(3_000)
  }
  await settled()
  assert.equal(halt.over(visited("v1")).visit.is_paused, false) // the bridge's own word holds again
  t.mock.timers.tick(60_000)
  assert.equal(answers.length, 0)
})

test("who goes on, and whoever comes next, is not held by what was stopped", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  for (const free of [(halt) => halt.goOn(), (halt) => halt.over(visited("v2")), (halt) => halt.over(visited(null))]) {
    let told = 0
    const send = async (path) => {
      told += Number(path.endsWith("stop"))
      return false
    }
    const halt = new Halt({ send, shown: () => {}, memory: memory() })
    halt.begin("v1")
    await settled()
    free(halt)
    t.mock.timers.tick(60_000)
    assert.deepEqual([told, halt.over(visited("v1")).visit.is_paused], [1, false])
  }
})

test("a page that begins anew holds what was stopped, tells the bridge, and then keeps nothing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  const kept = memory()
  const before = new Halt({ send: async () => false, shown: () => {}, memory: kept })
  await before.begin("v1")
  before.rest()
  const told = []
  const after = new Halt({ send: async (path) => Boolean(told.push(path)), shown: () => {}, memory: kept })
  assert.deepEqual([told, kept.length], [[], 1])
  assert.equal(after.over(visited("v1")).visit.is_paused, true)
  await settled()
  assert.deepEqual([told, kept.length], [["/api/kiosk/stop"], 0])
  assert.equal(after.over(visited("v1")).visit.is_paused, false)
})

test("what was stopped in a visit that is over stops nobody else's", async () => {
  const kept = memory()
  const before = new Halt({ send: async () => false, shown: () => {}, memory: kept })
  await before.begin("v1")
  before.rest()
  const next = new Halt({ send: () => assert.fail(), shown: () => {}, memory: kept })
  assert.equal(next.over(visited("v2")).visit.is_paused, false)
  assert.equal(kept.length, 0)
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
