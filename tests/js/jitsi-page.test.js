// What is done to Jitsi's own page from inside, without a browser.
import assert from "node:assert/strict"
import { test } from "node:test"

import { JitsiPage } from "../../jitsi_oac_plugin/web/jitsi-page.js"

test("configuration is set again when Jitsi loads its own, and not when it is there already", () => {
  const app = appWith({ toolbarButtons: ["chat"] })
  const page = new JitsiPage(app)
  page.configure({ toolbarButtons: ["camera"] })
  assert.equal(app.times(), 1)
  page.configure({ toolbarButtons: ["camera"] })
  assert.equal(app.times(), 1)
  app.store.dispatch({ type: "SET_CONFIG", config: { toolbarButtons: ["chat"] } })
  assert.deepEqual([app.times(), app.config().toolbarButtons], [2, ["camera"]])
})

test("what Jitsi is about to set itself is not set against it", () => {
  const app = appWith({ customToolbarButtons: [{ id: "scan-idle" }] })
  const page = new JitsiPage(app)
  page.configure({ customToolbarButtons: [{ id: "scan-idle" }] })
  page.expect({ customToolbarButtons: [{ id: "scan-busy" }] })
  app.store.dispatch({ type: "OVERWRITE_CONFIG", config: { customToolbarButtons: [{ id: "scan-busy" }] } })
  assert.equal(app.times(), 1)
})

test("a page that does not take the configuration is asked once, and says so", () => {
  const app = appWith({}, { isDeaf: true })
  const page = new JitsiPage(app)
  const reasons = []
  page.onFail = (reason) => reasons.push(reason)
  page.configure({ toolbarButtons: ["camera"] })
  app.store.dispatch({ type: "SET_CONFIG", config: {} })
  assert.deepEqual([reasons, app.times()], [["toolbar-refused"], 1])
})

test("what goes wrong here does not go wrong in Jitsi", () => {
  const app = appWith({})
  const clicks = []
  app.API = { notifyToolbarButtonClicked: (key, prevents) => clicks.push([key, prevents]) }
  const page = new JitsiPage(app)
  const reasons = []
  page.onFail = (reason) => reasons.push(reason)
  page.onClick(refuse)
  app.API.notifyToolbarButtonClicked("scan-idle", true)
  app.API.notifyToolbarButtonClicked("hangup", true)
  app.store.dispatch({ type: "SET_CONFIG", config: {} })
  assert.deepEqual([clicks, reasons], [[["scan-idle", true], ["hangup", true]], ["page-unknown"]])
})

test("a page that is given up has its own way to hang up again", () => {
  const app = appWith({ toolbarButtons: ["chat"] })
  const page = new JitsiPage(app)
  page.configure({ buttonsWithNotifyClick: ["hangup"], toolbarButtons: ["camera"] })
  page.configure({ toolbarButtons: ["microphone"] })
  page.release()
  assert.deepEqual(app.config(), { buttonsWithNotifyClick: undefined, toolbarButtons: ["chat"] })
  app.store.dispatch = refuse
  page.release()
})

test("after a pause that a panel tells twice is on again what was on before it, and nothing else", () => {
  const conference = conferenceWith({ Audio: true, Video: false })
  const page = new JitsiPage({ ...appWith({}), conference })
  page.pause(false)
  for (const isPaused of [true, true]) page.pause(isPaused)
  assert.deepEqual(conference.isOn, { Audio: false, Video: false })
  conference.isOn.Audio = true // by the clerk's own hand
  page.pause(true)
  assert.deepEqual(conference.isOn, { Audio: false, Video: false })
  for (const isPaused of [false, false]) page.pause(isPaused)
  assert.deepEqual(conference.isOn, { Audio: true, Video: false })
})

function refuse() {
  throw new Error("refused")
}

function conferenceWith(isOn) {
  return {
    isOn,
    isLocalAudioMuted: () => !isOn.Audio,
    isLocalVideoMuted: () => !isOn.Video,
    toggleAudioMuted: () => { isOn.Audio = !isOn.Audio },
    toggleVideoMuted: () => { isOn.Video = !isOn.Video },
  }
}

function appWith(config, { isDeaf = false } = {}) {
  let state = { "features/base/config": config }
  const listeners = []
  let times = 0
  const dispatch = ({ type, config: wished }) => {
    times += Number(type === "OVERWRITE_CONFIG")
    if (type === "SET_CONFIG" || !isDeaf) state = { "features/base/config": { ...state["features/base/config"], ...wished } }
    listeners.forEach((listener) => listener())
  }
  return {
    store: { getState: () => state, subscribe: (listener) => listeners.push(listener), dispatch },
    config: () => state["features/base/config"],
    times: () => times,
  }
}
