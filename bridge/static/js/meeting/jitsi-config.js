// What a Jitsi meeting page is configured with, for the clerk and for the citizen. Pure.
// Which keys a page may set, and what they do, was tried on live servers; others are dropped silently.
// @ts-check
import { sending } from "./cameras.js"
import { iconUri } from "./icons.js"

const END = "end-visit"
/** The desk's own buttons come first in its list; what plugins add comes after them. */
const OF_DESK = 4
/**
 * Lengths of the tool bar that Jitsi chooses by width; a list only counts with exactly that length.
 * Clients before 2026 know 8 and fewer; none heeds a list that it does not know.
 */
const LENGTHS = Object.freeze([10, 9, 8, 7, 6, 5, 4, 3, 2])
/** Jitsi's own ways to leave: a button, or a menu with entries for whoever moderates. */
const HANG_UP = Object.freeze(["hangup", "hangup-menu", "end-meeting", "__end"])
/**
 * The desk leaves the meeting room for four. Where a window leaves less, all four stand in the panel
 * beside it, the end on Jitsi's own hang-up as well: what one needs at once and the panel has not, stays.
 */
const NARROW = Object.freeze({ 3: ["scan", "print", "microphone"], 2: ["scan", "microphone"] })
const GROUNDS = Object.freeze({
  "busy": { backgroundColor: "#b25e00" },
  "off": { backgroundColor: "#5f6368" },
  [END]: { backgroundColor: "#b3261e" },
})
const OWN = Object.freeze(["microphone", "camera"])
/** Names that Jitsi knows and that are switched off: they fill a list and take no place. */
const FILL = Object.freeze(["chat", "raisehand", "participants-pane", "tileview", "invite", "profile"])

const EITHER = Object.freeze({
  prejoinConfig: { enabled: false },
  deeplinking: { disabled: true },
  disableDeepLinking: true, // what servers before 2025 know it as
  disableInviteFunctions: true,
  disablePolls: true,
  disableReactions: true,
  disableProfile: true,
  readOnlyName: true,
  doNotStoreRoom: true,
  disableThirdPartyRequests: true,
  analytics: { disabled: true },
  gravatar: { disabled: true },
  giphy: { enabled: false },
  whiteboard: { enabled: false },
  fileSharing: { enabled: false },
  transcription: { enabled: false },
  localRecording: { disable: true },
  recordingService: { enabled: false },
  virtualBackground: { disabled: true },
  feedbackPercentage: 0,
  useHostPageLocalStorage: true,
  // The one from before a power cut must go, or the two are three and see nobody.
  replaceParticipant: true,
  startAudioMuted: 0,
  ...sending("person"),
  hideConferenceSubject: true,
  hideConferenceTimer: true,
})

const CITIZEN = Object.freeze({
  toolbarButtons: [],
  notifications: [""], // not []: that would keep our own from being shown, too
  conferenceInfo: { alwaysVisible: [], autoHide: [] },
  filmstrip: { disabled: true },
  hideDisplayName: true,
  hideDominantSpeakerBadge: true,
  connectionIndicators: { disabled: true },
  disableSelfView: true,
  disableSelfViewSettings: true,
  disableShortcuts: true,
  disableTileView: true,
  disableChat: true,
  disableJoinLeaveSounds: true,
  participantsPane: { enabled: false },
  remoteVideoMenu: { disabled: true },
  lobby: { autoKnock: true },
})

const INTERFACE = Object.freeze({
  VIDEO_LAYOUT_FIT: "both",
  DISABLE_VIDEO_BACKGROUND: true,
  SHOW_JITSI_WATERMARK: false,
})

/** The options of `new JitsiMeetExternalAPI(join.domain, …)`; `isOff`: sound and picture at the start. */
export function optionsFor({ join, buttons, parentNode, isOff = [false, false] }) {
  const side = join.side === "clerk" ? clerkConfig(buttons) : { ...EITHER, ...CITIZEN }
  return {
    roomName: join.room,
    jwt: join.jwt,
    lang: join.language,
    width: "100%",
    height: "100%",
    parentNode,
    userInfo: { displayName: join.name },
    // What is to be off is not on for a moment first.
    configOverwrite: { ...side, startWithAudioMuted: isOff[0], startWithVideoMuted: isOff[1] },
    interfaceConfigOverwrite: INTERFACE,
  }
}

/**
 * What the tool bar consists of; also for `overwriteConfig` when a button's state changes. Where a
 * page may not bring buttons, the lists alone arrive: there they say which ones belong in the bar,
 * and in which state, to whoever adds them inside Jitsi's page.
 */
export function toolbarConfig(buttons) {
  const ours = buttons.map(keyOf)
  const keys = [...ours.slice(0, OF_DESK), ...OWN, ...ours.slice(OF_DESK)]
  return {
    customToolbarButtons: buttons.map((button) => ({
      id: keyOf(button),
      icon: iconUri(button.icon ?? button.id),
      text: button.hint ?? button.text,
      ...GROUNDS[button.id === END ? END : button.state],
    })),
    mainToolbarButtons: LENGTHS.map((length) => listOf(length, keys)),
  }
}

function listOf(length, keys) {
  const first = (NARROW[length] ?? []).map((id) => keys.find((key) => key === id || key.startsWith(`${id}-`)))
  return [...new Set([...first.filter(Boolean), ...keys, ...FILL])].slice(0, length)
}

/** Which of our buttons a click of Jitsi's meant; null for any other. */
export function buttonOf(key, buttons) {
  if (HANG_UP.includes(key)) return END
  // A click on the way while the state changed was meant for the same button.
  const id = key.replace(/-(idle|busy|off)$/, "")
  return buttons.some((button) => button.id === id) ? id : null
}

function clerkConfig(buttons) {
  return {
    ...EITHER,
    ...toolbarConfig(buttons),
    toolbarButtons: [...OWN, "hangup"],
    toolbarConfig: { alwaysVisible: true },
    // Hanging up would leave the visit open: our page asks first.
    buttonsWithNotifyClick: HANG_UP,
    notifications: [""],
  }
}

/** Jitsi keeps text and sign of a button with the id it has seen: another state is another id. */
function keyOf({ id, state = "idle" }) {
  return `${id}-${state}`
}
