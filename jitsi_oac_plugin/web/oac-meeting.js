// What the meeting server's own page gains for the clerk of a visit: the tool bar's buttons and,
// when the page was opened directly, the bridge's panel beside it. Every other page stays as it was.
// @ts-check
import settings from "./settings.json" with { type: "json" }
import { arrival, PageUnknown, versionOf } from "./arrival.js"
import { Beside } from "./beside.js"
import { claimsOf, languageIn, ourVisit, roomIn, tokenIn } from "./claims.js"
import { DeskOrders } from "./embedded.js"
import { JitsiPage } from "./jitsi-page.js"
import { Kept } from "./kept.js"
import { PanelLink } from "./panel-link.js"
import { report } from "./report.js"
import { AT_THE_START } from "./start.js"
import { go } from "./ways.js"

const bridge = new URL(settings.bridge).origin
const isEmbedded = window.parent !== window
const kept = new Kept(window.sessionStorage)

/** What this page was opened with; after a reload Jitsi has lost the token, this tab has not. */
function seat() {
  const room = roomIn(location)
  const given = tokenIn(location)
  const { token, language } = given
    ? { token: given, language: languageIn(location) }
    : isEmbedded ? {} : (kept.of(room) ?? {})
  const visit = token ? ourVisit(claimsOf(token), { room, bridge, now: Date.now() / 1000 }) : null
  return visit ? { room, visit, token, language, isPutBack: !given } : null
}

/** Before Jitsi starts, in the same turn: afterwards it would have asked for a password. */
function prepare({ room, token, language, isPutBack }) {
  kept.keep({ room, token, language })
  if (isPutBack) history.replaceState(history.state, "", `${location.pathname}${go.query(language)}${go.hash(token)}`)
  Object.assign(window.config ?? {}, AT_THE_START)
}

async function serve(mine) {
  const orders = isEmbedded ? new DeskOrders({ window, bridge }) : null
  try {
    const page = new JitsiPage(await arrival(window))
    if (orders) orders.follow(page)
    else beside(mine, page)
  } catch (error) {
    const reason = error instanceof PageUnknown ? error.reason : "page-unknown"
    report({ bridge, reason, visit: mine.visit, client: versionOf(window) })
  }
}

function beside({ room, visit, language }, page) {
  const link = new PanelLink({ window, bridge })
  const panel = new Beside({ window, address: go.panel(bridge, language, { visit }) })
  const fail = (reason) => report({ bridge, reason, visit, client: versionOf(window) })
  panel.onSilence = () => fail("panel-silent")
  page.onFail = (reason) => {
    page.release()
    panel.remove()
    fail(reason)
  }
  const tellPresence = () => link.send(page.isIn ? "joined" : "left")
  page.onClick((key) => link.send("clicked", { key }))
  page.onPresence(tellPresence)
  link.on("hello", ({ title }) => {
    panel.show(title)
    tellPresence()
  })
  link.on("configure", ({ config }) => page.configure(config))
  link.on("pause", ({ isPaused }) => page.pause(Boolean(isPaused)))
  link.on("token", ({ token }) => {
    if (ourVisit(claimsOf(token), { room, bridge, now: 0 }) === visit) kept.keep({ room, token, language })
  })
  link.on("enter", (way) => go.enter(way, { bridge, kept }))
  link.on("leave", () => go.between(language, kept))
  link.listen(panel)
  panel.start()
}

const mine = seat()
if (mine) {
  if (!isEmbedded) prepare(mine)
  serve(mine)
} else if (!isEmbedded) {
  kept.clear()
}
