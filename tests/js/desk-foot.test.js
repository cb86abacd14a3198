// The paperwork at the panel's foot, read out of its template, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

Object.assign(globalThis, { HTMLElement: class {}, document: { createTreeWalker: () => ({}), createComment: () => ({}) } })
const { wrapUp } = await import("../../bridge/static/js/desk/views/foot.js")

/** What a press does of the button with this handle. */
function pressOf(part, handle) {
  if (Array.isArray(part)) return part.map((one) => pressOf(one, handle)).find(Boolean)
  if (!part?.strings) return undefined
  const at = part.strings.findIndex((text) => text.endsWith("@click="))
  return part.values.includes(handle) ? part.values[at] : pressOf(part.values, handle)
}

test("what was missing at one press does not stop the next one", () => {
  const services = [{ id: "s1", title: { en: "Census" }, outcome: null, steps: [] }]
  const state = { server: { visit: { services } }, choices: { outcomes: {} }, busy: {} }
  const choice = { said: "Say how it ended first.", setCustomValidity: (text) => (choice.said = text) }
  pressOf(wrapUp(state, {}), "close-visit")({ currentTarget: { form: { elements: [choice] } } })
  assert.equal(choice.said, "")
})
