// What stands in the desk's dialogs, read out of their templates, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

Object.assign(globalThis, { HTMLElement: class {}, document: { createTreeWalker: () => ({}), createComment: () => ({}) } })
const { dialog } = await import("../../bridge/static/js/desk/views/dialogs.js")

/** All the text and markup of a template, as far as it is not a function. */
function read(part) {
  if (Array.isArray(part)) return part.map(read).join("")
  if (part?.strings) return part.strings.map((text, at) => text + read(part.values[at])).join("")
  return typeof part === "string" ? part : ""
}

const page = { id: "p1", state: "visible", rotation: 0, dpi: 300, width_px: 100, height_px: 100, problems: [] }
const scan = { id: "d1", kind: "scan", title: { en: "The form" }, pages: [page] }
const form = { id: "d2", kind: "form", key: "receipt", title: { en: "Receipt" }, sheets: 1 }
const visit = {
  id: "v1", services: [], jobs: [], devices: [], documents: [scan, form], forms: [], counter: { key: "c1" },
  ticket: { state: "serving" }, agent: true,
}
const outline = { left_mm: 0, top_mm: 0, width_mm: 8, height_mm: 8, angle: 0 }

for (const shown of [
  { kind: "page", document: "d1", page: "p1" }, { kind: "paper", document: "d2", sheet: 1 },
  { kind: "trim", document: "d1", page: "p1", outline }, { kind: "transfer" },
]) {
  test(`what the bridge refuses is said in the dialog over the page: ${shown.kind}`, () => {
    const choices = { scan: {}, print: {}, transfer: { to: "queue", reason: "" } }
    const toasts = [{ id: "t1", text: "It is being read.", look: "danger" }]
    const state = { server: { visit, counters: [] }, dialog: shown, choices, toasts, busy: {}, pending: {} }
    assert.match(read(dialog(state, {})), /role="alert">It is being read\./)
  })
}
