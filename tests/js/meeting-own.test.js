// The clerk's microphone and camera in the meeting, and how the citizen learns that they are off.
import assert from "node:assert/strict"
import { test } from "node:test"

import { useLanguage } from "../../bridge/static/js/lib/gettext.js"
import { Occupants } from "../../bridge/static/js/meeting/occupants.js"
import { heed, turned, ungiven } from "../../bridge/static/js/meeting/own-devices.js"
import { PeerDevices } from "../../bridge/static/js/meeting/peer-devices.js"
import { peerOffOf } from "../../bridge/static/js/meeting/words.js"

const stream = (...tracks) => ({ getTracks: () => tracks })
const track = (kind) => ({ kind, enabled: true })

test("a press turns one device off, the next one on again, and leaves the other alone", () => {
  assert.deepEqual(turned([], "audio"), ["audio"])
  assert.deepEqual(turned(["audio"], "video"), ["audio", "video"])
  assert.deepEqual(turned(["audio", "video"], "audio"), ["video"])
})

test("nothing comes from what was turned off, and from what is not to be had", () => {
  assert.deepEqual(ungiven({ off: [], missing: ["picture-missing"] }), [])
  assert.deepEqual(ungiven({ off: ["video"], missing: ["microphone-busy"] }), ["audio", "video"])
  assert.deepEqual(ungiven({ off: [], missing: ["camera-refused"] }), ["video"])
})

test("a microphone that is off is not heard, and one that comes back after a fault is neither", () => {
  const [audio, video, another] = [track("audio"), track("video"), track("audio")]
  heed(stream(audio, video), ["audio"])
  assert.deepEqual([audio.enabled, video.enabled], [false, true])
  heed(stream(another, video), ["audio"])
  assert.equal(another.enabled, false)
  heed(stream(another, video), [])
  assert.equal(another.enabled, true)
  heed(null, ["audio"])
})

test("the citizen is told in one sentence what the clerk has off, whoever says so; the clerk nothing", () => {
  useLanguage("en")
  const shown = { join: { side: "citizen" }, meeting: "connected", isPaused: false, peerOff: ["video"], serverOff: [] }
  const dark = { kinds: "video", text: "The clerk's camera is off.", more: "" } // nothing else is promised
  assert.deepEqual(peerOffOf(shown), dark)
  const mute = peerOffOf({ ...shown, peerOff: [], serverOff: ["audio"] })
  assert.deepEqual([mute.kinds, mute.text], ["audio", "The clerk's microphone is off."])
  assert.match(mute.more, /cannot hear/)
  const both = peerOffOf({ ...shown, serverOff: ["audio", "video"] })
  assert.equal(both.text, "The clerk's camera and microphone are off.")
  for (const other of [{ peerOff: [] }, { meeting: "reconnecting" }, { isPaused: true }, { join: { side: "clerk" } }]) {
    assert.equal(peerOffOf({ ...shown, ...other }), null)
  }
})

/** A link whose page says what it `told`, and hears what the other says by `push`. */
function link() {
  const handlers = {}
  const told = []
  return {
    told,
    on: (event, act) => ((handlers[event] = act), () => delete handlers[event]),
    tell: (_event, { data }) => told.push(data.off),
    push: (event, payload) => handlers[event]?.({ visit: "v", ...payload }),
  }
}

test("what is off is told once, again to who comes later, and in a meeting that came about anew", () => {
  const socket = link()
  const devices = new PeerDevices({ socket, join: { visit: "v", side: "clerk" }, show: () => {} })
  devices.are(["audio"], "connected")
  devices.are(["audio"], "connected")
  socket.push("meeting:peer", { is_there: true })
  devices.are(["audio"], "reconnecting")
  devices.stop()
  socket.push("meeting:peer", { is_there: true })
  assert.deepEqual(socket.told, [[], ["audio"], ["audio"], ["audio"]])
})

test("of what the other side says is off only a device is believed, and the citizen tells nothing", () => {
  const [socket, shown] = [link(), []]
  const devices = new PeerDevices({ socket, join: { visit: "v", side: "citizen" }, show: (off) => shown.push(off) })
  devices.are(["video"], "connected")
  for (const data of [{ off: ["video", "audio", "lamp"] }, { off: "audio" }, { candidate: {} }, { off: [] }]) {
    socket.push("meeting:signal", { data })
  }
  socket.push("meeting:signal", { visit: "another", data: { off: ["audio"] } })
  assert.deepEqual(shown, [["audio", "video"], []])
  assert.deepEqual(socket.told, [])
})

test("what somebody has off is theirs, and a page that comes anew has everything on", () => {
  const room = new Occupants({ visit: "v", side: "citizen" })
  room.came({ id: "aa", userContext: { id: "clerk-v" } })
  room.came({ id: "bb", userContext: { id: "helper-v" } })
  room.muted({ id: "aa", mediaType: "audio", isMuted: true })
  room.muted({ id: "bb", mediaType: "video", isMuted: true })
  room.muted({ id: "aa", mediaType: "desktop", isMuted: true })
  assert.deepEqual(room.peerOff, ["audio"])
  assert.equal(room.isPeerShown, true)
  room.came({ id: "cc", userContext: { id: "clerk-v" } })
  assert.deepEqual(room.peerOff, [])
  room.left({ id: "cc" })
  room.left({ id: "aa" })
  assert.deepEqual(room.peerOff, [])
})
