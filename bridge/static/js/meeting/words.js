// What the meeting says in words: its state, who is there, what is missing.
// @ts-check
import { gettext, N_ } from "../lib/gettext.js"
import { KINDS } from "./own-devices.js"

const NOT_LET_IN = N_("The meeting does not begin. Somebody will come to you.")
const NOT_REACHED = N_("The meeting cannot be reached. Somebody will come to you.")
const CLOSED = N_("The meeting was closed. It is opened again.")
const CAUSES = {
  citizen: { refused: NOT_LET_IN, removed: NOT_LET_IN, closed: CLOSED, silent: NOT_REACHED, lost: NOT_REACHED },
  clerk: {
    refused: N_("The meeting server does not let you in. It is tried again; tell whoever runs it."),
    removed: N_("You are in this meeting in another window. Click here to have it in this one."),
    closed: CLOSED,
    silent: N_("The meeting server does not answer. It is tried again."),
  },
}

const STATES = {
  connecting: N_("Connecting…"),
  reconnecting: N_("The picture comes back by itself…"),
  failed: N_("The meeting does not come about. It is tried again."),
}

const MISSING = {
  "picture-missing": N_("No picture comes from the other side. Sound and text go on."),
  "camera-missing": N_("There is no camera here: you see, and are not seen."),
  "camera-refused": N_("This page may not use the camera: you see, and are not seen."),
  "camera-busy": N_("Another program uses the camera: you see, and are not seen."),
  "microphone-missing": N_("There is no microphone here: you hear, and are not heard."),
  "microphone-refused": N_("This page may not use the microphone: you hear, and are not heard."),
  "microphone-busy": N_("Another program uses the microphone: you hear, and are not heard."),
}

const TROUBLES = {
  "picture-stutters": N_("The citizen's picture stutters: speak slowly, and ask again."),
  "no-sound": N_("No sound comes from the citizen."),
}

const OWN = {
  audio: { off: N_("Turn your microphone off"), on: N_("Turn your microphone on") },
  video: { off: N_("Turn your camera off"), on: N_("Turn your camera on") },
}

const PEER_OFF = {
  "audio": N_("The clerk's microphone is off."),
  "video": N_("The clerk's camera is off."),
  "audio video": N_("The clerk's camera and microphone are off."),
}

/** Fixed texts of the meeting, in the language in use at the moment of asking. */
export const words = {
  get citizen() {
    return gettext("The person")
  },
  get clerk() {
    return gettext("Your clerk")
  },
  get actions() {
    return gettext("In the meeting")
  },
  get dismiss() {
    return gettext("Close")
  },
  get endVisit() {
    return gettext("End")
  },
  get fill() {
    return gettext("Enlarge the picture")
  },
  get whole() {
    return gettext("Whole picture")
  },
  get meeting() {
    return gettext("Meeting")
  },
  get ownPicture() {
    return gettext("Your own picture")
  },
  get ownDevices() {
    return gettext("Your microphone and camera")
  },
  turnOwn: (kind, isOff) => {
    const text = OWN[kind][isOff ? "on" : "off"] // outside: not a text to extract
    return gettext(text)
  },
  get soundOn() {
    return gettext("Turn the sound on")
  },
  get speaks() {
    return gettext("speaks")
  },
}

/** The state of the meeting in words; empty while all is well. */
export function captionOf({ join, meeting, isPeerThere, cause }) {
  if (!join || meeting === "connected") return ""
  const known = CAUSES[join.side]?.[cause]
  // Nothing is tried before the clerk comes to this window.
  const isElsewhere = cause === "removed" && join.side === "clerk"
  if ((meeting === "failed" || isElsewhere) && known) return gettext(known)
  const isAlone = meeting === "connecting" && !isPeerThere
  if (isAlone && join.peer_name) return gettext("Waiting for %(name)s…", { name: join.peer_name })
  return gettext(STATES[meeting] ?? STATES.connecting)
}

/** What the clerk has off, for the citizen: nothing is broken. Its kinds and two sentences, or null. */
export function peerOffOf({ join, meeting, isPaused, peerOff, serverOff }) {
  const isToBeSaid = join?.side === "citizen" && meeting === "connected" && !isPaused
  const kinds = KINDS.filter((kind) => peerOff.includes(kind) || serverOff.includes(kind)).join(" ")
  if (!isToBeSaid || !kinds) return null
  const more = kinds.includes("audio") ? gettext("You cannot hear them now.") : ""
  const text = PEER_OFF[kinds] // outside: not a text to extract
  return { kinds, text: gettext(text), more }
}

/** Everything is stopped: the citizen did it, and the clerk is told so. */
export function pausedText(join) {
  return join?.side === "clerk"
    ? gettext("The citizen has stopped everything. Camera and microphone are off until they go on.")
    : gettext("Your camera and microphone are off.")
}

/** What this side lacks, one sentence each. */
export function missingTexts(keys) {
  return keys.filter((key) => key in MISSING).map((key) => gettext(MISSING[key]))
}

/** What arrives too poorly from the other side, one sentence each. */
export function troubleTexts(keys) {
  return keys.filter((key) => key in TROUBLES).map((key) => gettext(TROUBLES[key]))
}

/** What the other one is, as text (EN 301 549, 6.3). */
export function roleOfPeer(join) {
  return join.side === "citizen" ? words.clerk : words.citizen
}
