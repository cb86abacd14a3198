// What the clerk is told about the picture and the sound that arrive, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Quality } from "../../bridge/static/js/meeting/quality.js"

/** What the clerk is told, second by second, while each second brings `fps` pictures and `packets` of sound. */
function toldOver(quality, seconds, { fps = 30, packets = 50, energy = 0.001 } = {}) {
  return Array.from({ length: seconds }, () => {
    quality.now += 1_000
    quality.figures.framesDecoded += fps
    quality.figures.audioPackets += packets
    quality.figures.audioEnergy += energy
    return quality.watch.look({ now: quality.now, figures: { ...quality.figures } })
  })
}

function watched(figures = { framesDecoded: 0, audioPackets: 0, audioEnergy: 0 }) {
  return { watch: new Quality(), now: 0, figures }
}

test("the clerk is told of a picture that stutters for five seconds, and not of a dip", () => {
  const quality = watched()
  assert.ok(toldOver(quality, 5).every((told) => !told.length))
  assert.ok(toldOver(quality, 3, { fps: 9 }).every((told) => !told.length))
  assert.ok(toldOver(quality, 1).every((told) => !told.length))
  const told = toldOver(quality, 7, { fps: 9 })
  assert.deepEqual(told.map(String), ["", "", "", "", "", "picture-stutters", "picture-stutters"])
  assert.deepEqual(toldOver(quality, 4).map(String), ["picture-stutters", "picture-stutters", "picture-stutters", ""])
})

test("no sound is told soon when nothing comes, late when only silence comes, and never of a quiet citizen", () => {
  const quality = watched()
  toldOver(quality, 2)
  assert.deepEqual(toldOver(quality, 7, { packets: 0, energy: 0 }).at(-1), ["no-sound"])
  assert.deepEqual(toldOver(quality, 5).at(-1), [])
  assert.deepEqual(toldOver(quality, 60, { energy: 1e-7 }).at(-1), [])
  const still = toldOver(quality, 32, { energy: 0 })
  assert.deepEqual([still[20], still.at(-1)], [[], ["no-sound"]])
})

test("a citizen without a camera has no picture that stutters; after a pause all begins anew", () => {
  const blind = watched({ framesDecoded: 0, audioPackets: 0, audioEnergy: 0 })
  assert.deepEqual(toldOver(blind, 9, { fps: 0 }).at(-1), [])
  const quality = watched()
  toldOver(quality, 2)
  toldOver(quality, 9, { fps: 2 })
  quality.watch.reset()
  assert.deepEqual(toldOver(quality, 2, { fps: 2 }).at(-1), [])
})
