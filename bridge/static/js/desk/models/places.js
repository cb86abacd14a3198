// Where a clerk's page in the meeting server has to be, and how it is configured. Pure.
// @ts-check
import { optionsFor } from "../../meeting/jitsi-config.js"
import { stageOf } from "./queue.js"

/** What the clerk's configuration says of the screen; the rest counts only before the joining. */
const OF_SCREEN = Object.freeze([
  "customToolbarButtons", "mainToolbarButtons", "toolbarButtons", "toolbarConfig", "buttonsWithNotifyClick",
  "hideConferenceSubject", "hideConferenceTimer", "disableInviteFunctions", "feedbackPercentage",
])

/**
 * What the page beside the panel has to do: "stay", "enter" the meeting of `join`, or "leave" the
 * one of the visit `here` (null: it is in none).
 */
export function moveOf({ server, isSignedOut, join }, here) {
  if (!server || isSignedOut) return "stay"
  const visit = stageOf(server) === "meeting" ? server.visit : null
  if (!visit) return here ? "leave" : "stay"
  const seat = join?.visit === visit.id ? join : null
  if (seat && seat.provider !== "jitsi") return here ? "leave" : "stay"
  if (visit.id === here) return "stay"
  return seat ? "enter" : "stay"
}

/** What Jitsi's page is configured with for this clerk. */
export function screenOf(buttons) {
  const { configOverwrite } = optionsFor({ join: { side: "clerk" }, buttons, parentNode: null })
  return Object.fromEntries(OF_SCREEN.map((key) => [key, configOverwrite[key]]))
}
