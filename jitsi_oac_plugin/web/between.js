// The clerk's page on the meeting server between two visits: the panel alone, camera and microphone off.
// @ts-check
import settings from "./settings.json" with { type: "json" }
import { languageIn } from "./claims.js"
import { Kept } from "./kept.js"
import { PanelLink } from "./panel-link.js"
import { go } from "./ways.js"

const AGAIN_MS = 15_000

const bridge = new URL(settings.bridge).origin
const link = new PanelLink({ window, bridge })
const kept = new Kept(window.sessionStorage)
const frame = document.createElement("iframe")

frame.src = go.panel(bridge, languageIn(location))
frame.allow = "autoplay"
// Until the panel speaks, it is asked for again: the bridge may be starting.
const again = setInterval(() => {
  frame.src = frame.src
}, AGAIN_MS)
link.on("hello", ({ title }) => {
  clearInterval(again)
  document.title = frame.title = String(title)
})
link.on("enter", (way) => go.enter(way, { bridge, kept }))
link.listen({ frame })
document.body.append(frame)
