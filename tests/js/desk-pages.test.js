// What the clerk does with pages that were scanned, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { pageActs } from "../../bridge/static/js/desk/acts-pages.js"
import { placeOf } from "../../bridge/static/js/desk/models/pages.js"

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

test("a page that was moved is said aloud at its new place, one that was not is not", async () => {
  const done = deskThat(true)
  await done.acts.movePage({ id: "b" }, 1)
  assert.deepEqual(done.told[0], ["page b", "PATCH", "/api/pages/b", { place: 1 }])
  assert.match(done.told[1], /1/)
  const refused = deskThat(false)
  await refused.acts.movePage({ id: "b" }, 1)
  assert.equal(refused.told.length, 1)
})
