// Where the focus goes at the desk, with a page of two buttons.
import assert from "node:assert/strict"
import { test } from "node:test"

import { FocusKeeper } from "../../bridge/static/js/desk/focus.js"

/** A panel with one button, which a new one can take the place of. */
function pageOf() {
  const body = {}
  const document = { body, activeElement: body }
  globalThis.document = /** @type {any} */ (document)
  const button = () => {
    const made = { isConnected: true, dataset: { oac: "page-open" }, focus: () => (document.activeElement = made) }
    return made
  }
  const panel = { button: button(), querySelector: (selector) => (selector.includes("page-open") ? panel.button : null) }
  return { document, panel, button }
}

/** Open and close a dialog that is taken out of the page; `meanwhile` is done while it is there. */
function looked(panel, document, meanwhile) {
  const keeper = new FocusKeeper()
  panel.button.focus()
  keeper.around(panel, {})
  document.activeElement = {}
  keeper.around(panel, {})
  document.activeElement = document.body
  meanwhile()
  keeper.around(panel, null)
}

test("a dialog that goes gives the focus back to what opened it", () => {
  const { document, panel } = pageOf()
  looked(panel, document, () => {})
  assert.equal(document.activeElement, panel.button)
})

test("what was drawn anew meanwhile gets the focus in the place of what was there", () => {
  const { document, panel, button } = pageOf()
  looked(panel, document, () => {
    panel.button.isConnected = false
    panel.button = button()
  })
  assert.equal(document.activeElement, panel.button)
})

test("whoever has gone on elsewhere is not called back", () => {
  const { document, panel } = pageOf()
  const elsewhere = {}
  looked(panel, document, () => (document.activeElement = elsewhere))
  assert.equal(document.activeElement, elsewhere)
})
