// What a Jitsi page is configured with, without a browser.
import assert from "node:assert/strict"
import { test } from "node:test"

import { buttonOf, optionsFor, toolbarConfig } from "../../bridge/static/js/meeting/jitsi-config.js"

const BUTTONS = [
  { id: "scan", text: "Escanejar", icon: "scan" },
  { id: "print", text: "Imprimir", icon: "print", state: "busy" },
  { id: "end-visit", text: "Acabar" },
]
const JOIN = { provider: "jitsi", room: "r", jwt: "t", language: "ca", name: "Empar", domain: "meet.test" }

test("each layout of the main bar has exactly its length and begins with our buttons", () => {
  const { mainToolbarButtons } = toolbarConfig(BUTTONS)
  assert.deepEqual(mainToolbarButtons.map(({ length }) => length), [10, 9, 8, 7, 6, 5, 4, 3, 2])
  for (const keys of mainToolbarButtons) {
    assert.deepEqual(keys.slice(0, 2), ["scan-idle", "print-busy"])
    assert.equal(new Set(keys).size, keys.length)
  }
})

test("the end is Jitsi's own hang-up, and asks our page", () => {
  const { configOverwrite } = optionsFor({ join: { ...JOIN, side: "clerk" }, buttons: BUTTONS })
  assert.deepEqual(configOverwrite.customToolbarButtons.map(({ id }) => id), ["scan-idle", "print-busy"])
  assert.ok(configOverwrite.buttonsWithNotifyClick.includes("hangup-menu"))
  assert.equal(buttonOf("hangup", BUTTONS), "end-visit")
  assert.equal(buttonOf("print-busy", BUTTONS), "print")
  assert.equal(buttonOf("print-idle", BUTTONS), null)
})

test("signs are data URIs with a colour of their own", () => {
  for (const { icon } of toolbarConfig(BUTTONS).customToolbarButtons) {
    assert.match(decodeURIComponent(icon), /^data:image\/svg\+xml;charset=utf-8,<svg .*fill="#ffffff"/)
  }
})

test("the citizen gets no button at all, and language and token are always passed", () => {
  const options = optionsFor({ join: { ...JOIN, side: "citizen" }, buttons: BUTTONS })
  assert.deepEqual([options.lang, options.jwt, options.roomName], ["ca", "t", "r"])
  assert.deepEqual(options.configOverwrite.toolbarButtons, [])
  assert.equal("customToolbarButtons" in options.configOverwrite, false)
  assert.equal(options.configOverwrite.prejoinConfig.enabled, false)
})
