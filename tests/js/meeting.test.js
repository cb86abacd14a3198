// The meeting's decisions, without a browser.
import assert from "node:assert/strict"
import { test } from "node:test"

import { setCatalogue, useLanguage } from "../../bridge/static/js/lib/gettext.js"
import { figuresOf, NO_FIGURES } from "../../bridge/static/js/meeting/figures.js"
import { Recovery, waitAfter } from "../../bridge/static/js/meeting/recovery.js"
import { Signalling } from "../../bridge/static/js/meeting/signalling.js"
import { captionOf, missingTexts, pausedText } from "../../bridge/static/js/meeting/words.js"

const THERE = { isLinked: true, isPeerThere: true }

/** What is done over `ms` milliseconds, looked at twice a second, as [second, act]. */
function acts(recovery, { from = 0, ms, ...facts }) {
  const done = []
  for (let now = from; now <= from + ms; now += 500) {
    const act = recovery.look({ ...THERE, ...facts, now })
    if (act) done.push([now / 1000, act])
  }
  return done
}

test("a connection that is there is left alone", () => {
  assert.deepEqual(acts(new Recovery(), { connection: "connected", ms: 60_000 }), [])
})

test("a disturbance is mended after a moment, then less and less often, then all begins anew", () => {
  const recovery = new Recovery()
  acts(recovery, { connection: "connected", ms: 0 })
  const done = acts(recovery, { connection: "disconnected", ms: 30_000 })
  assert.deepEqual(done.slice(0, 4), [[1.5, "mend"], [3.5, "mend"], [7.5, "mend"], [15.5, "rebuild"]])
  assert.equal(recovery.isHopeless, false)
  acts(recovery, { from: 30_500, connection: "failed", ms: 30_000 })
  assert.equal(recovery.isHopeless, true)
  acts(recovery, { from: 80_000, connection: "connected", ms: 0 })
  assert.equal(recovery.isHopeless, false)
})

test("a failed connection is mended at once", () => {
  const recovery = new Recovery()
  acts(recovery, { connection: "connected", ms: 0 })
  assert.deepEqual(acts(recovery, { from: 1000, connection: "failed", ms: 0 }), [[1, "mend"]])
})

test("alone one only says now and then that one is there, and never gives up", () => {
  const recovery = new Recovery()
  const done = acts(recovery, { connection: "new", isPeerThere: false, ms: 120_000 })
  assert.ok(done.length >= 13 && done.every(([, act]) => act === "announce"))
  assert.equal(recovery.isHopeless, false)
})

test("without the link nothing is tried, and it is made up for at once", () => {
  const recovery = new Recovery()
  assert.deepEqual(acts(recovery, { connection: "new", isLinked: false, ms: 60_000 }), [])
  assert.deepEqual(acts(recovery, { from: 60_500, connection: "new", ms: 0 }), [[60.5, "mend"]])
})

test("a page that is looked at again does not wait for its turn", () => {
  const recovery = new Recovery()
  acts(recovery, { connection: "new", ms: 0 })
  recovery.hurry(1000)
  assert.deepEqual(acts(recovery, { from: 1000, connection: "new", ms: 0 }), [[1, "mend"]])
})

test("a connection that has just begun gets its time, whatever was due for the one before", () => {
  const recovery = new Recovery()
  acts(recovery, { connection: "connected", ms: 0 })
  assert.deepEqual(acts(recovery, { connection: "disconnected", ms: 1_500 }), [[1.5, "mend"]])
  recovery.began(3_000)
  assert.deepEqual(acts(recovery, { from: 3_000, connection: "connecting", ms: 5_000 }), [[8, "mend"]])
})

test("the last wait repeats", () => {
  assert.deepEqual([1, 2, 3, 9].map((n) => waitAfter(n, [1, 2, 3])), [1, 2, 3, 3])
})

/** A side's signalling on a link that keeps what is told; `push` plays the bridge. */
function side(name, { peer = false } = {}) {
  const handlers = {}
  const told = []
  const heard = []
  const socket = {
    isConnected: true,
    on: (event, handler) => {
      handlers[event] = handler
      return () => delete handlers[event]
    },
    tell: async (event, payload) => {
      told.push([event, payload])
      return { ok: true, peer }
    },
  }
  const hear = Object.fromEntries(
    ["there", "peer", "gone", "signal"].map((event) => [event, (fact) => heard.push([event, fact])]),
  )
  const signalling = new Signalling({ socket, join: { visit: "v", side: name }, hear })
  return { signalling, told, heard, push: (event, message) => handlers[event]({ visit: "v", ...message }) }
}

test("the first and another incarnation of the other side are told apart from the same one", async () => {
  const clerk = side("clerk")
  await clerk.signalling.start()
  for (const epoch of ["one", "one", "two"]) {
    clerk.push("meeting:peer", { side: "citizen", is_there: true, epoch })
  }
  const arrivals = clerk.heard.filter(([event]) => event === "peer")
  assert.deepEqual(arrivals.map(([, how]) => how), ["first", "same", "new"])
})

test("the end of an incarnation that has been followed by another is no news", async () => {
  const clerk = side("clerk")
  await clerk.signalling.start()
  for (const epoch of ["one", "two"]) clerk.push("meeting:peer", { side: "citizen", is_there: true, epoch })
  clerk.push("meeting:peer", { side: "citizen", is_there: false, epoch: "one" })
  assert.equal(clerk.heard.some(([event]) => event === "gone"), false)
  clerk.push("meeting:peer", { side: "citizen", is_there: false, epoch: "two" })
  assert.equal(clerk.heard.at(-1)[0], "gone")
})

test("what is said carries both epochs; what is meant for or comes from an old one is dropped", async () => {
  const clerk = side("clerk")
  await clerk.signalling.start()
  const mine = clerk.told[0][1].epoch
  clerk.push("meeting:peer", { side: "citizen", is_there: true, epoch: "one" })
  await clerk.signalling.say("description", { type: "offer", sdp: "…" })
  assert.deepEqual(clerk.told.at(-1)[1].data.description, { type: "offer", sdp: "…", epoch: mine, to: "one" })
  const signal = (epoch, to) =>
    clerk.push("meeting:signal", { from: "citizen", data: { description: { type: "answer", epoch, to } } })
  const count = () => clerk.heard.filter(([event]) => event === "signal").length
  signal("one", "somebody else")
  assert.equal(count(), 0)
  signal("two", mine)
  assert.equal(clerk.heard.at(-1)[1].isNew, true)
  signal("one", mine)
  assert.equal(count(), 1)
})

test("another visit and one's own side are not heard", async () => {
  const clerk = side("clerk")
  await clerk.signalling.start()
  clerk.heard.splice(0)
  clerk.push("meeting:peer", { visit: "other", side: "citizen", is_there: true, epoch: "x" })
  clerk.push("meeting:peer", { side: "clerk", is_there: true, epoch: "x" })
  clerk.push("meeting:signal", { from: "clerk", data: { candidate: { epoch: "x" } } })
  clerk.push("meeting:signal", { from: "citizen", data: {} })
  assert.deepEqual(clerk.heard, [])
})

test("after every reconnection a side says again that it is there, as the same incarnation", async () => {
  const clerk = side("clerk", { peer: true })
  await clerk.signalling.start()
  clerk.push("connect", {})
  const epochs = clerk.told.map(([, { epoch }]) => epoch)
  assert.equal(epochs.length, 2)
  assert.equal(new Set(epochs).size, 1)
  assert.deepEqual(clerk.heard[0], ["there", true])
})

test("figures come from the picture that arrives and the way in use", () => {
  const entries = [
    { type: "inbound-rtp", kind: "audio", framesDecoded: 9, packetsReceived: 500, totalAudioEnergy: 0.02 },
    { type: "inbound-rtp", kind: "video", framesDecoded: 120, framesPerSecond: 30, frameWidth: 1280, frameHeight: 720 },
    { type: "candidate-pair", state: "succeeded", nominated: true, currentRoundTripTime: 0.0124 },
  ]
  const figures = {
    framesDecoded: 120, framesPerSecond: 30, width: 1280, height: 720, roundTripMs: 12, audioPackets: 500, audioEnergy: 0.02,
  }
  assert.deepEqual(figuresOf(entries), figures)
  assert.deepEqual(figuresOf([]), NO_FIGURES)
})

test("the state is said in words, in the language in use", () => {
  useLanguage("en")
  const join = { side: "citizen", peer_name: "Empar" }
  assert.equal(captionOf({ join, meeting: "connecting", isPeerThere: false }), "Waiting for Empar…")
  assert.equal(captionOf({ join, meeting: "connecting", isPeerThere: true }), "Connecting…")
  assert.equal(captionOf({ join, meeting: "connected", isPeerThere: true }), "")
  const clerk = { side: "clerk", peer_name: "" }
  const gone = { meeting: "reconnecting", isPeerThere: false }
  assert.match(captionOf({ join: clerk, ...gone, cause: "removed" }), /in another window/)
  for (const [who, cause] of [[join, "removed"], [clerk, "refused"]]) {
    assert.equal(captionOf({ join: who, ...gone, cause }), "The picture comes back by itself…")
  }
  setCatalogue("ca", { "The picture comes back by itself…": "La imatge torna sola…" })
  useLanguage("ca")
  assert.equal(captionOf({ join, meeting: "reconnecting", isPeerThere: false }), "La imatge torna sola…")
  useLanguage("en")
  assert.deepEqual(missingTexts(["no-such-key"]), [])
})

test("who stopped everything is said to each side as it was", () => {
  assert.match(pausedText({ side: "clerk" }), /^The citizen has stopped everything\./)
  assert.equal(pausedText({ side: "citizen" }), "Your camera and microphone are off.")
})
