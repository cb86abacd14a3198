// The clerk's own microphone and camera in the meeting, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { heed, turned } from "../../bridge/static/js/meeting/own-devices.js"

const stream = (...tracks) => ({ getTracks: () => tracks })
const track = (kind) => ({ kind, enabled: true })

test("a press turns one device off, the next one on again, and leaves the other alone", () => {
  assert.deepEqual(turned([], "audio"), ["audio"])
  assert.deepEqual(turned(["audio"], "video"), ["audio", "video"])
  assert.deepEqual(turned(["audio", "video"], "audio"), ["video"])
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
