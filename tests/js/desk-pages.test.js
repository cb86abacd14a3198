// What the clerk does with pages that were scanned, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { pageActs } from "../../bridge/static/js/desk/acts-pages.js"
import { lacksCard, wantedSide, whyNotCard } from "../../bridge/static/js/desk/models/card.js"
import { cornersOf, drawn, fitted, isIdle, sizeOf, wholeOf } from "../../bridge/static/js/desk/models/outline.js"
import { heldDocuments, placeOf } from "../../bridge/static/js/desk/models/pages.js"

const document = { id: "d", pages: [{ id: "a", number: 1 }, { id: "b", number: 1 }] }

/** What was sent and said, by a desk whose bridge answers yes or no. */
function deskThat(agrees) {
  const told = []
  const desk = {
    send: async (...sent) => told.push(sent) > 0 && agrees,
    update: ({ news }) => told.push(news),
  }
  return { acts: pageActs(desk), told }
}

test("a page is called by its place in the document, whatever its number in its scan", () => {
  assert.deepEqual(document.pages.map((page) => placeOf(document, page)), [1, 2])
})

test("a document without pages is shown while its scan is under way, not after it failed", () => {
  const shown = (state, more = {}) => heldDocuments({
    documents: [{ id: "d", kind: "scan", pages: [], ...more }], jobs: [{ document: "d", kind: "scan", state }],
  }).length
  assert.deepEqual(["running", "needs_attention", "failed", "cancelled"].map((state) => shown(state)), [1, 1, 0, 0])
  assert.deepEqual([shown("failed", { kind: "form" }), shown("failed", { pages: document.pages })], [1, 1])
})

test("a page that was moved is said aloud at its new place, one that was not is not", async () => {
  const done = deskThat(true)
  await done.acts.movePage({ id: "b" }, 1)
  assert.deepEqual(done.told[0], ["page b", "PATCH", "/api/pages/b", { place: 1 }])
  assert.match(done.told[1], /1/)
  const refused = deskThat(false)
  await refused.acts.movePage({ id: "b" }, 1)
  assert.equal(refused.told.length, 1)
})

const A4 = { width_px: 2480, height_px: 3508, dpi: 300, rotation: 0 }

test("the whole page is what it measures, and is another one when it is turned", () => {
  const { across, down } = sizeOf(A4)
  assert.deepEqual([across, down].map(Math.round), [210, 297])
  assert.deepEqual(Object.values(sizeOf({ ...A4, rotation: 90 })).map(Math.round), [297, 210])
  assert.equal(isIdle(fitted(wholeOf(A4), A4), A4), true)
  assert.equal(isIdle({ ...wholeOf(A4), angle: 0.5 }, A4), false)
})

test("a corner is drawn, the one across from it stays, however the frame is turned", () => {
  const frame = { left_mm: 50, top_mm: 60, width_mm: 80, height_mm: 40, angle: 20 }
  for (const corner of [0, 1, 2, 3]) {
    const fixed = cornersOf(frame)[(corner + 2) % 4]
    const after = drawn(frame, corner, { x: 100, y: 150 }, A4)
    const stays = cornersOf(after).some(({ x, y }) => Math.hypot(x - fixed.x, y - fixed.y) < 0.001)
    const isThere = cornersOf(after).some(({ x, y }) => Math.hypot(x - 100, y - 150) < 0.001)
    assert.deepEqual([stays, isThere, after.angle], [true, true, 20])
  }
})

test("a frame stays on the page and has a size, whatever is written into its fields", () => {
  const wild = { left_mm: -500, top_mm: Number.NaN, width_mm: 9_000, height_mm: 0, angle: 300 }
  assert.deepEqual(fitted(wild, A4), { left_mm: -105, top_mm: 0, width_mm: 210, height_mm: 5, angle: 45 })
})

test("what is proposed opens with its frame and is sent only when it is accepted", async () => {
  const { acts, told } = deskThat(true)
  const page = { id: "a", ...A4, outline: { left_mm: 46.04, top_mm: 62, width_mm: 85.6, height_mm: 54, angle: 1.4 } }
  acts.askTrim(document, page)
  assert.equal(told.length, 1)
  await acts.trim(page, fitted(page.outline, page))
  assert.deepEqual(told[1].slice(1, 3), ["POST", "/api/pages/a/trimming"])
  assert.equal(told[1][3].left_mm, 46)
})

const sided = (side, fields = {}) => ({ id: side, side, state: "visible", is_looked_at: true, outline: { width_mm: 85.4, height_mm: 54.1 }, ...fields })
const cardStep = { scan: { layout: "card" }, document: "d" }
const cardVisit = (...pages) => ({ documents: [{ id: "d", pages }] })

test("a card's step wants the front, then the back, then nothing; a passport is no card", () => {
  const wanted = (...pages) => wantedSide(cardVisit(...pages), cardStep)
  assert.deepEqual([wanted(), wanted(sided("front")), wanted(sided("back"))], ["front", "back", "front"])
  assert.equal(wanted(sided("front"), sided("back")), null)
  assert.equal(wanted(sided("front", { state: "barred" }), sided("back")), "front")
  assert.equal(wanted({ id: "p", side: null }), null)
  assert.equal(wantedSide(cardVisit(), cardStep, false), null)
  assert.equal(wantedSide(cardVisit(), { scan: { layout: "pages" } }), null)
})

test("both sides go on one page when both are there and fit", () => {
  const why = (...pages) => whyNotCard({ pages })
  assert.deepEqual([why(sided("front")), why(sided("front"), sided("back")), why(sided("front", { state: "quarantine" }), sided("back"))],
    ["side-missing", null, "side-unfit"])
  assert.equal(why(sided("front"), sided("back", { outline: null, is_looked_at: false })), "side-unfit")
})

test("a side on which no card was found is to be cropped, whichever way the card lies", () => {
  assert.equal(lacksCard(sided("front")), false)
  assert.equal(lacksCard(sided("front", { outline: { width_mm: 54, height_mm: 85 } })), false)
  assert.equal(lacksCard(sided("front", { outline: null })), true)
  assert.equal(lacksCard(sided("front", { outline: null, is_looked_at: false })), false)
  assert.equal(lacksCard(sided("front", { outline: { width_mm: 148, height_mm: 210 } })), true)
  assert.equal(lacksCard(sided("front", { outline: null, made: { how: "trim" } })), false)
})
