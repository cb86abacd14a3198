// What a Jitsi page is configured with, who is in its room, and which camera is which, without a browser.
import assert from "node:assert/strict"
import { test } from "node:test"

import { HEIGHTS, pickCamera, sending } from "../../bridge/static/js/meeting/cameras.js"
import { buttonOf, optionsFor, toolbarConfig } from "../../bridge/static/js/meeting/jitsi-config.js"
import { JitsiMute } from "../../bridge/static/js/meeting/jitsi-mute.js"
import { answerOf, JitsiNotices } from "../../bridge/static/js/meeting/jitsi-notices.js"
import { Occupants } from "../../bridge/static/js/meeting/occupants.js"

const BUTTONS = [
  { id: "scan", text: "Escanejar", icon: "scan", state: "idle" },
  { id: "print", text: "Imprimir", hint: "Imprimir: en marxa", icon: "print", state: "busy" },
  { id: "ask-help", text: "Demanar ajuda" },
  { id: "end-visit", text: "Acabar la visita" },
]
const IDS = ["scan-idle", "print-busy", "ask-help-idle", "end-visit-idle"]
const JOIN = { provider: "jitsi", room: "r", jwt: "t", language: "ca", name: "Empar", domain: "meet.test" }
/** The names that Jitsi gives its own buttons in the bar, first come first. */
const PRIORITY = ["microphone", "camera", "desktop", "chat", "raisehand", "participants-pane", "tileview"]

/** The keys in the bar, as Jitsi chooses them: by the width's list, then by its own priority. */
function inBar({ mainToolbarButtons, toolbarButtons }, length, known) {
  const order = mainToolbarButtons.find((list) => list.length === length)
  const enabled = [...toolbarButtons.filter((key) => key !== "hangup"), ...known]
  const every = [...order, ...PRIORITY.filter((key) => !order.includes(key)), ...known]
  return [...new Set(every)].filter((key) => enabled.includes(key)).slice(0, length)
}

test("at every width that the desk leaves our buttons come first, and nothing else is in the bar", () => {
  const { configOverwrite } = optionsFor({ join: { ...JOIN, side: "clerk" }, buttons: BUTTONS })
  const lengths = configOverwrite.mainToolbarButtons.map(({ length }) => length)
  for (const length of [2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    assert.equal(lengths.filter((one) => one === length).length, 1)
    const bar = inBar(configOverwrite, length, IDS)
    const narrow = { 3: ["scan-idle", "print-busy", "microphone"], 2: ["scan-idle", "microphone"] }
    assert.deepEqual(bar, narrow[length] ?? [...IDS, "microphone", "camera"].slice(0, length))
    // Whose server lets a page bring no buttons has them from inside, or not at all: no gap, no stranger.
    assert.deepEqual(inBar(configOverwrite, length, []), ["microphone", "camera"])
  }
  for (const keys of configOverwrite.mainToolbarButtons) assert.equal(new Set(keys).size, keys.length)
})

test("what plugins add does not push microphone and camera out of the bar", () => {
  const more = ["drawer", "blank-backs", "stamp"].map((id) => ({ id, text: id }))
  const { configOverwrite } = optionsFor({ join: { ...JOIN, side: "clerk" }, buttons: [...BUTTONS, ...more] })
  const added = more.map(({ id }) => `${id}-idle`)
  for (const length of [6, 7, 8, 9]) {
    const bar = inBar(configOverwrite, length, [...IDS, ...added])
    assert.deepEqual(bar, [...IDS, "microphone", "camera", ...added].slice(0, length))
  }
})

test("each button has the clerk's words, and another id in another state", () => {
  const { customToolbarButtons } = toolbarConfig(BUTTONS)
  assert.deepEqual(customToolbarButtons.map(({ id }) => id), IDS)
  assert.deepEqual(customToolbarButtons.map(({ text }) => text), [
    "Escanejar", "Imprimir: en marxa", "Demanar ajuda", "Acabar la visita",
  ])
  const grounds = customToolbarButtons.map(({ backgroundColor }) => backgroundColor)
  assert.equal(grounds[0], undefined)
  assert.ok(grounds[1] && grounds[3] && grounds[1] !== grounds[3])
})

test("every way to hang up asks our page, and a click is known whatever state its button was in", () => {
  const { configOverwrite } = optionsFor({ join: { ...JOIN, side: "clerk" }, buttons: BUTTONS })
  for (const key of ["hangup", "hangup-menu", "end-meeting", "__end"]) {
    assert.ok(configOverwrite.buttonsWithNotifyClick.includes(key)) // a plain name prevents the act
    assert.equal(buttonOf(key, BUTTONS), "end-visit")
  }
  assert.equal(buttonOf("end-visit-idle", BUTTONS), "end-visit")
  assert.equal(buttonOf("print-idle", BUTTONS), "print")
  assert.equal(buttonOf("ask-help-busy", BUTTONS), "ask-help")
  assert.equal(buttonOf("chat", BUTTONS), null)
  assert.equal(buttonOf("other-idle", BUTTONS), null)
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
  assert.equal(options.configOverwrite.replaceParticipant, true)
})

test("what is off is off from the first moment of an opening, and said to be on otherwise", () => {
  const start = (side, isOff) => {
    const { configOverwrite } = optionsFor({ join: { ...JOIN, side }, buttons: BUTTONS, isOff })
    return [configOverwrite.startWithAudioMuted, configOverwrite.startWithVideoMuted]
  }
  for (const side of ["clerk", "citizen"]) {
    assert.deepEqual(start(side, undefined), [false, false])
    assert.deepEqual(start(side, [true, false]), [true, false])
    assert.deepEqual(start(side, [true, true]), [true, true])
  }
})

test("what Jitsi's page did not answer is settled when it does, and no more once it is gone", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  let isDeaf = true
  const toggled = []
  const frame = {
    ask: async (question) => (isDeaf && question === "isVideoMuted" ? Promise.reject(new Error("no answer")) : false),
    command: (name) => toggled.push(name),
  }
  const mute = new JitsiMute(frame, { wants: { isPaused: true, isOff: [false, false] }, mayChoose: false })
  await mute.apply()
  assert.deepEqual(toggled, ["toggleAudio"])
  isDeaf = false
  t.mock.timers.tick(2_000)
  await new Promise((done) => setImmediate(done))
  assert.deepEqual(toggled, ["toggleAudio", "toggleVideo"])
  const last = mute.apply()
  mute.stop()
  await last
  assert.equal(toggled.length, 2)
})

test("a ghost is not counted as the other one, and a helper is nobody's other side", () => {
  const room = new Occupants({ visit: "v", side: "clerk" })
  room.came({ id: "aa", userContext: { id: "helper-v" } })
  assert.equal(room.isPeerThere, false)
  room.came({ id: "bb", userContext: { id: "citizen-v" } })
  room.came({ id: "cc", userContext: { id: "citizen-v" } })
  room.came({ id: "dd", userContext: { id: "clerk-v" } })
  assert.equal(room.peer, "cc")
  assert.deepEqual(room.ghosts, ["bb", "dd"])
  room.left({ id: "bb" })
  room.left({ id: "dd" })
  assert.deepEqual(room.ghosts, [])
  room.left({ id: "cc" })
  assert.equal(room.isPeerThere, false)
})

test("a server that says no more than an id has its people counted all the same", () => {
  const room = new Occupants({ visit: "v", side: "citizen" })
  room.came({ id: "aa" })
  assert.deepEqual([room.isPeerThere, room.isPeerShown, room.ghosts], [true, true, []])
  room.muted({ id: "aa", isMuted: true, mediaType: "video" })
  assert.deepEqual([room.isPeerThere, room.isPeerShown], [true, false])
  room.muted({ id: "aa", isMuted: true, mediaType: "audio" })
  room.muted({ id: "zz", isMuted: true, mediaType: "video" })
  room.muted({ id: "aa", isMuted: false, mediaType: "video" })
  assert.equal(room.isPeerShown, true)
})

test("the document camera is known by the town's own word for it, or by what makers call it", () => {
  const face = { deviceId: "1", label: "HD Webcam C920" }
  const paper = { deviceId: "2", label: "IPEVO V4K Document Camera" }
  assert.equal(pickCamera([paper, face], { kind: "person" }), face)
  assert.equal(pickCamera([face, paper], { kind: "document" }), paper)
  assert.equal(pickCamera([face], { kind: "document" }), null)
  assert.equal(pickCamera([], { kind: "person" }), null)
  assert.equal(pickCamera([paper, face], { kind: "document", label: "c920" }), face)
  assert.equal(pickCamera([paper, face], { kind: "person", label: "C920" }), paper)
})

test("a paper is sent with more pixels than a face", () => {
  assert.deepEqual([HEIGHTS.person, HEIGHTS.document], [720, 1080])
  assert.equal(sending("document").resolution, 1080)
  assert.equal(sending("document").constraints.video.height.ideal, 1080)
  assert.equal(sending("person").constraints.video.height.max, 720)
})

test("notices are shown once, replaced when they change, and withdrawn when they hold no more", () => {
  const told = []
  const frame = { command: (name, fact) => told.push([name, fact.uid ?? fact]) }
  const notices = new JitsiNotices()
  const scan = { key: "scan:1", title: "Scan ready", actions: [{ id: "accept", text: "Accept" }] }
  notices.follow(frame, [scan])
  notices.follow(frame, [{ ...scan }])
  notices.follow(frame, [{ ...scan, text: "2 pages" }])
  notices.follow(frame, [])
  assert.deepEqual(told, [
    ["showNotification", "scan:1"], ["hideNotification", "scan:1"], ["showNotification", "scan:1"],
    ["hideNotification", "scan:1"],
  ])
  assert.deepEqual(answerOf("scan:1/accept"), { key: "scan:1", action: "accept" })
  assert.equal(answerOf("somebody else's"), null)
})
