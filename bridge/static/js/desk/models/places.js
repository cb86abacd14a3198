// Where a clerk's page in the meeting server has to be, and what its tool bar is configured with. Pure.
// @ts-check
import { optionsFor } from "../../meeting/jitsi-config.js"
import { stageOf } from "./queue.js"

/** What of the clerk's configuration still counts after the joining. */
const OF_TOOLBAR = Object.freeze([
  "customToolbarButtons", "mainToolbarButtons", "toolbarButtons", "toolbarConfig", "buttonsWithNotifyClick",
])

/**
 * What the page beside the panel has to do: "stay", "enter" the meeting of `join`, or "leave" the
 * one of the visit `here` (null: it is in none).
 */
export function moveOf({ server, isSignedOut, join }, here) {
  if (!server || isSignedOut) return "stay"
  const visit = stageOf(server) === "meeting" ? server.visit : null
  if (!visit) return here ? "leave" : "stay"
  if (visit.provider !== "jitsi") return here ? "leave" : "stay"
  if (visit.id === here) return "stay"
  return join?.visit === visit.id && join.provider === "jitsi" ? "enter" : "stay"
}

/** What Jitsi's tool bar is configured with for this clerk. */
export function toolbarOf(buttons) {
  const { configOverwrite } = optionsFor({ join: { side: "clerk" }, buttons, parentNode: null })
  return Object.fromEntries(OF_TOOLBAR.map((key) => [key, configOverwrite[key]]))
}
