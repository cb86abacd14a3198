// The part in Jitsi's own page, and the panel beside it, without a browser.
import assert from "node:assert/strict"
import { test } from "node:test"

import { moveOf, toolbarOf } from "../../bridge/static/js/desk/models/places.js"
import { PageLink } from "../../bridge/static/js/desk/page-link.js"
import { panelWidth } from "../../jitsi_oac_plugin/web/beside.js"
import { claimsOf, ourVisit, roomIn, tokenIn } from "../../jitsi_oac_plugin/web/claims.js"
import { buttonsIn, orderIn } from "../../jitsi_oac_plugin/web/embedded.js"
import { Kept } from "../../jitsi_oac_plugin/web/kept.js"

const BRIDGE = "https://desk.example"
const HERE = { room: "oac-r", bridge: BRIDGE, now: 1000 }
const CLAIMS = {
  room: "oac-r", exp: 2000,
  context: { user: { moderator: true }, oac: { visit: "v1", role: "clerk", bridge: BRIDGE } },
}
const with_ = (fields) => ({ ...CLAIMS, ...fields, context: { ...CLAIMS.context, ...fields.context } })
const encoded = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`

test("a visit is ours only for its moderator, in its room, in time, and from our bridge", () => {
  assert.equal(ourVisit(CLAIMS, HERE), "v1")
  const others = [
    null, {}, with_({ room: "oac-s" }), with_({ room: "*" }), with_({ exp: 1000 }), with_({ exp: "2000" }),
    with_({ context: { user: { moderator: false } } }), with_({ context: { user: undefined } }),
    with_({ context: { oac: { visit: "v1", bridge: "https://other.example" } } }),
    with_({ context: { oac: { visit: "../v1", bridge: BRIDGE } } }), with_({ context: { oac: undefined } }),
  ]
  for (const claims of others) assert.equal(ourVisit(claims, HERE), null, JSON.stringify(claims))
})

test("a token is read from the hash in quotes or from the query, and nothing else is one", () => {
  assert.equal(tokenIn({ hash: "#jwt=%22a.b.c%22&config.x=1", search: "" }), "a.b.c")
  assert.equal(tokenIn({ hash: "", search: "?jwt=a.b.c" }), "a.b.c")
  assert.equal(tokenIn({ hash: "#jwt=a.b.c", search: "" }), null)
  assert.equal(tokenIn({ hash: "", search: "" }), null)
  assert.equal(claimsOf(encoded({ name: "Empar à" })).name, "Empar à")
  for (const unsound of ["", "a", "a.b", "a.!.c", "e30.bnVsbA.x", null]) assert.equal(claimsOf(unsound), null)
  assert.equal(roomIn({ pathname: "/tenant/OAC-R" }), "oac-r")
  assert.equal(roomIn({ pathname: "/%E0%A4%A" }), "%e0%a4%a")
})

test("a token is kept for its own room, and a storage that refuses breaks nothing", () => {
  const held = new Map()
  const storage = { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value), removeItem: (key) => held.delete(key) }
  const kept = new Kept(storage)
  kept.keep({ room: "oac-r", token: "t", language: "ca" })
  assert.deepEqual(kept.of("oac-r"), { room: "oac-r", token: "t", language: "ca" })
  assert.equal(kept.of("oac-s"), null)
  kept.clear()
  assert.equal(kept.of("oac-r"), null)
  const deaf = new Kept({ getItem: refuse, setItem: refuse, removeItem: refuse })
  deaf.keep({ room: "oac-r", token: "t" })
  deaf.clear()
  assert.equal(deaf.of("oac-r"), null)
})

test("orders of the desk are read from its API's messages and from nothing else", () => {
  const buttons = [{ id: "scan-idle", text: "Scan", icon: "" }]
  const order = (data) => JSON.stringify({ postis: true, scope: "x", method: "message", params: { type: "event", data } })
  assert.deepEqual(orderIn(order({ name: "overwrite-config", data: [{ customToolbarButtons: buttons }] })), buttons)
  const others = [
    order({ name: "overwrite-config", data: [{ toolbarButtons: [] }] }), order({ name: "toggle-audio", data: [] }),
    order({ name: "overwrite-config" }), order({ name: "overwrite-config", data: [{ customToolbarButtons: [{}] }] }),
    "{}", "no json", { postis: true }, undefined,
  ]
  for (const other of others) assert.equal(orderIn(other), null)
  assert.deepEqual(buttonsIn(`#config.customToolbarButtons=${encodeURIComponent(JSON.stringify(buttons))}`), buttons)
  assert.equal(buttonsIn("#config.customToolbarButtons=%5B"), null)
  assert.equal(buttonsIn(""), null)
})

test("the panel is between 340 and 420 pixels wide", () => {
  assert.deepEqual([800, 1280, 1366, 2560].map(panelWidth), [340, 358, 382, 420])
})

test("the page enters a meeting that is elsewhere, leaves one that is over, and else stays", () => {
  const server = (id, state = "serving", more = {}) => ({ visit: { id, ended_at: null, provider: "jitsi", ticket: { state }, ...more } })
  const join = (visit, provider = "jitsi") => ({ visit, provider })
  const cases = [
    [{ server: null }, "v1", "stay"],
    [{ server: server("v1"), join: join("v1"), isSignedOut: true }, null, "stay"],
    [{ server: server("v1"), join: null }, null, "stay"],
    [{ server: server("v1"), join: join("v1") }, null, "enter"],
    [{ server: server("v1"), join: join("v1") }, "v1", "stay"],
    [{ server: server("v2"), join: join("v2") }, "v1", "enter"],
    [{ server: server("v2"), join: join("v1") }, "v1", "stay"],
    [{ server: server("v1", "wrap_up") }, "v1", "leave"],
    [{ server: server("v1", "parked", { ended_at: "2026" }) }, "v1", "leave"],
    [{ server: server("v2", "called") }, null, "stay"],
    [{ server: { visit: null } }, "v1", "leave"],
    [{ server: { visit: null } }, null, "stay"],
    [{ server: server("v1", "serving", { provider: "direct" }), join: join("v1", "direct") }, "v1", "leave"],
    [{ server: server("v1", "serving", { provider: "direct" }), join: join("v1", "direct") }, null, "stay"],
    [{ server: server("v1", "serving", { provider: "phone" }), join: null }, "v1", "leave"],
    [{ server: server("v1"), join: join("v1", "direct") }, null, "stay"],
  ]
  for (const [state, here, move] of cases) assert.equal(moveOf(state, here), move, JSON.stringify([state, here]))
})

test("the tool bar's configuration is the desk's own, and whole", () => {
  const config = toolbarOf([{ id: "scan", text: "Escanejar", state: "idle" }])
  for (const [key, value] of Object.entries(config)) assert.notEqual(value, undefined, key)
  assert.equal(config.customToolbarButtons[0].id, "scan-idle")
  for (const way of ["hangup", "hangup-menu", "end-meeting"]) assert.ok(config.buttonsWithNotifyClick.includes(way))
})

test("the panel hears and tells the meeting's page alone", () => {
  const said = []
  const parent = { postMessage: (message, origin) => said.push([message.type, origin]) }
  let hear
  const window = { parent, addEventListener: (_type, handler) => { hear = handler } }
  const heard = []
  const link = new PageLink("https://meet.example", window)
  link.on("clicked", ({ key }) => heard.push(key))
  link.send("hello")
  const event = { origin: "https://meet.example", source: parent, data: { oac: 1, type: "clicked", key: "a" } }
  hear(event)
  hear({ ...event, origin: "https://other.example" })
  hear({ ...event, source: {} })
  hear({ ...event, data: { type: "clicked", key: "b" } })
  hear({ ...event, data: null })
  assert.deepEqual([said, heard], [[["hello", "https://meet.example"]], ["a"]])
  const alone = new PageLink(undefined, window)
  alone.send("hello")
  assert.equal(said.length, 1)
})

function refuse() {
  throw new Error("refused")
}
