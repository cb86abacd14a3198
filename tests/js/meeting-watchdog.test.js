// What is done about a Jitsi meeting that breaks off, without a browser and without waiting.
import assert from "node:assert/strict"
import { test } from "node:test"

import { causeFor, causeOf, faultOf } from "../../bridge/static/js/meeting/causes.js"
import { Watchdog } from "../../bridge/static/js/meeting/watchdog.js"

const LOOK_MS = 250
const STEADY = { random: () => 0 }

/** Looks four times a second from `from` to `to` and says what was due, as [seconds, act]. */
function look(dog, from, to, each = () => {}) {
  const done = []
  for (let now = from; now <= to; now += LOOK_MS) {
    each(now)
    const act = dog.look(now)
    if (act) done.push([now / 1000, act])
  }
  return done
}

/** A watchdog whose meeting was joined at second 1. */
function joined(how = STEADY, validMs = Infinity) {
  const dog = new Watchdog(how)
  dog.gotJoin(0, validMs)
  dog.entering(0)
  dog.heard()
  dog.joined(1_000)
  return dog
}

/** Fails at `now`, gets its way in whenever it asks, and never gets in; gives the moments of asking. */
function failing(dog, cause, { from, times }) {
  const asked = []
  dog.failed(from, cause)
  for (let now = from; asked.length < times; now += LOOK_MS) {
    if (dog.look(now) !== "ask") continue
    asked.push((now - from) / 1000)
    if (dog.gotJoin(now)) dog.entering(now)
    dog.failed(now, cause)
  }
  return asked
}

test("what Jitsi says is one of a few causes, and what it survives is none", () => {
  const cases = {
    "connection.droppedError": ["lost", true], "connection.otherError": ["lost", true],
    "connection.passwordRequired": ["refused", false], "conference.connectionError.notAllowed": ["refused", true],
    "conference.destroyed": ["closed", false], "conference.reservationError": ["refused", false],
    "conference.connectionError.membersOnly": [null, true], "some.warning": [null, false],
  }
  for (const [name, [cause, isFatal]] of Object.entries(cases)) assert.equal(causeOf({ name, isFatal }), cause, name)
  assert.equal(causeOf(undefined), null)
  assert.deepEqual(["refused", "removed", "lost", "silent", "closed"].map(faultOf), [
    "refused", "refused", "silent", "silent", "silent",
  ])
})

test("a meeting that broke off is asked for anew at once, then less and less often, for ever", () => {
  const dog = joined()
  const asked = failing(dog, "lost", { from: 30_000, times: 8 })
  assert.deepEqual(asked.slice(0, 4), [0.5, 1.5, 3.5, 6.5])
  assert.equal(asked[7] - asked[6], 3)
  assert.equal(dog.isHopeless, true)
})

test("whoever is turned away waits longer each time, and a person knows after three", () => {
  const dog = joined()
  const asked = failing(dog, "refused", { from: 30_000, times: 2 })
  assert.deepEqual(asked, [1, 6])
  assert.equal(dog.isHopeless, true)
  assert.equal(dog.cause, "refused")
  dog.hurry(40_000)
  assert.deepEqual(look(dog, 40_000, 45_000), [])
})

test("a hall of screens does not come back in one moment", () => {
  const first = (random) => look((() => {
    const dog = joined({ random })
    dog.failed(30_000, "lost")
    return dog
  })(), 30_000, 40_000)[0][0]
  assert.ok(first(() => 1) > first(() => 0))
})

test("a meeting that held for a while begins with the shortest wait again; one that did not, does not", () => {
  const dog = joined()
  failing(dog, "lost", { from: 2_000, times: 3 })
  dog.joined(50_000)
  dog.failed(51_000, "lost")
  assert.deepEqual(look(dog, 51_000, 53_750), [])
  dog.joined(70_000)
  dog.failed(95_000, "lost")
  assert.equal(look(dog, 95_000, 96_000)[0][1], "ask")
  assert.equal(dog.isHopeless, false)
})

test("nothing heard for ten seconds after the opening is a failure; a page that asks somebody has thirty", () => {
  const dog = new Watchdog(STEADY)
  dog.gotJoin(0)
  dog.entering(0)
  assert.deepEqual(look(dog, 0, 10_000), [[10, "fail"]])
  dog.entering(11_000)
  dog.heard()
  assert.deepEqual(look(dog, 11_000, 41_000), [[41, "fail"]])
})

test("a page that finishes unasked was replaced by a clerk's other one; a counter has no other", () => {
  assert.deepEqual(["clerk", "citizen"].map((side) => causeFor(side, "finished")), ["removed", "lost"])
  assert.equal(causeFor("clerk", "refused"), "refused")
})

test("of two pages that throw each other out, the one that nobody sees yields until it is seen", () => {
  const dog = joined()
  dog.failed(30_000, "removed")
  for (let now = 30_000; now < 60_000; now += LOOK_MS) assert.equal(dog.look(now, { isSeen: false }), null)
  dog.hurry(60_000)
  assert.equal(dog.look(60_000, { isSeen: true }), "ask")
  const lost = joined()
  lost.failed(30_000, "lost")
  assert.equal(lost.look(31_000, { isSeen: false }), "ask")
})

test("a page that left the frame without a word is noticed by two questions without an answer", () => {
  const dog = joined()
  const acts = look(dog, 1_000, 20_000, () => {})
  assert.ok(acts.length >= 4 && acts.every(([, act]) => act === "probe"))
  dog.unanswered()
  dog.heard()
  dog.unanswered()
  assert.notEqual(dog.look(20_250), "fail")
  dog.unanswered()
  assert.equal(dog.look(20_500), "fail")
})

test("the network that is back ends every wait, also that of a frame that was opened into nothing", () => {
  const out = joined()
  failing(out, "lost", { from: 30_000, times: 4 })
  out.hurry(50_000)
  assert.equal(out.look(50_000), "ask")
  out.hurry(50_500)
  assert.equal(out.look(50_500), "ask") // the bridge was asked too early
  out.entering(51_000)
  out.hurry(54_750)
  assert.equal(out.look(54_750), null) // it may still be loading
  out.hurry(55_000)
  assert.equal(out.look(55_000), "fail")
  const heard = new Watchdog(STEADY)
  heard.entering(0)
  heard.heard()
  heard.hurry(500)
  assert.equal(heard.look(500), null)
})

test("a token is renewed while half of its life is left, and asked for again until it comes", () => {
  const dog = joined(STEADY, 600_000)
  const asked = () => look(dog, 299_000, 325_000).filter(([, act]) => act === "ask").map(([at]) => at)
  assert.deepEqual(asked(), [300, 310, 320])
  assert.equal(dog.gotJoin(325_000, 600_000), false)
  assert.equal(look(dog, 325_000, 335_000).some(([, act]) => act === "ask"), false)
})

test("without the bridge the token that was renewed in time is used, unless it was the token", () => {
  const lost = joined(STEADY, 600_000)
  lost.failed(30_000, "lost")
  assert.deepEqual(look(lost, 30_000, 33_500), [[30.5, "ask"], [33.5, "enter"]])
  const refused = joined(STEADY, 600_000)
  refused.failed(30_000, "refused")
  assert.equal(look(refused, 30_000, 60_000).some(([, act]) => act === "enter"), false)
  const old = joined(STEADY, 31_000)
  old.failed(30_000, "lost")
  assert.equal(look(old, 30_000, 40_000).some(([, act]) => act === "enter"), false)
})

test("a black picture is rejoined twice, then told; where nothing is known nothing is done", () => {
  const black = joined()
  const fails = (from, to) => look(black, from, to, (now) => black.picture(now, false)).filter(([, act]) => act === "fail")
  assert.deepEqual(fails(5_000, 20_000), [[20, "fail"]])
  black.joined(22_000)
  assert.deepEqual(fails(22_000, 37_000), [[37, "fail"]])
  black.joined(40_000)
  assert.deepEqual(fails(40_000, 120_000), [])
  assert.equal(black.isBlackForGood, true)
  black.picture(121_000, true)
  assert.equal(black.isBlackForGood, false)
  const unknown = joined()
  assert.equal(look(unknown, 2_000, 120_000, (now) => unknown.picture(now, null)).some(([, act]) => act === "fail"), false)
})

test("a computer that slept has not let anybody wait", () => {
  const dog = new Watchdog(STEADY)
  dog.entering(0)
  look(dog, 0, 2_000)
  assert.equal(dog.look(3_600_000), null)
  assert.deepEqual(look(dog, 3_600_250, 3_608_000), [[3608, "fail"]])
})
