// <oac-meeting>: the one meeting that pages know, whichever provider carries it.
//
// Properties: `join` (JoinInfo; null leaves), `socket` (a Link, for direct), `buttons`
// ([{id, text, hint?, icon?, state?: "idle" | "busy" | "off"}]), `notices` ([{key, title, text?, look?,
// actions?: [{id, text}]}]: those that hold now), `paused`, `camera` ("person" | "document": what the
// counter shows).
// Events, bubbling: `meeting-joined`, `meeting-left` {visit}, when it has hung up; `meeting-state` {state: connecting |
// connected | reconnecting | failed, cause}; `meeting-button` {id}; `meeting-action` {key, action:
// null when it was put away}; `meeting-camera` {camera, fault}; `meeting-error` {key};
// `meeting-needs-join` {visit}: fetch a new JoinInfo and set it. Method: `stats()`.
// @ts-check
import { OacElement } from "../lib/element.js"
import { DirectMeeting } from "./direct-meeting.js"
import { NO_FIGURES } from "./figures.js"
import { JitsiMeeting } from "./jitsi-meeting.js"
import { heed, turned, ungiven } from "./own-devices.js"
import { PeerDevices } from "./peer-devices.js"
import { Playback, put } from "./playback.js"
import { Quality } from "./quality.js"
import { room } from "./view.js"

const VOICE_MS = 200
const QUALITY_MS = 1_000
/** Quieter than this is breath and the room. */
const VOICE_LEVEL = 0.01
const END = "end-visit"
const EMPTY = Object.freeze({
  meeting: "connecting", remote: null, self: null, hasSelf: false, frame: null, missing: [],
  isPeerThere: false, isSilenced: false, isSpeaking: false, troubles: [], cause: null, off: [], peerOff: [], serverOff: [],
})

export class OacMeeting extends OacElement {
  #socket = null
  #quality = new Quality()
  #playback = new Playback((isSilenced) => this.update({ isSilenced }))
  /** @type {any} */
  #provider = null
  /** @type {PeerDevices | null} */
  #devices = null
  /** The JoinInfo that the provider was made for. */
  #seated = null
  #isSettling = false
  #isLeaving = false
  #acts = {
    press: (id) => this.announce("meeting-button", { id }),
    sound: () => this.#playback.sound(),
    answer: (notice, action) =>
      this.announce("meeting-action", { key: notice.key, action: action?.id ?? null }),
    turn: (kind) => this.update({ off: turned(this.state.off, kind) }),
    fit: () => this.update({ isWhole: !this.state.isWhole }),
  }

  constructor() {
    super()
    this.state = { ...EMPTY, join: null, buttons: [], notices: [], camera: "person", isPaused: false, isWhole: true }
  }

  get join() {
    return this.state.join
  }

  set join(join) {
    if (join === this.state.join) return
    this.update({ join: join ?? null })
    this.#settleSoon()
  }

  /** True until it was left. */
  get isSeated() {
    return this.#seated !== null || this.#isLeaving
  }

  set socket(socket) {
    this.#socket = socket
    this.#settleSoon()
  }

  set buttons(buttons) {
    const named = (buttons ?? []).map((one) => (one.id === "end" ? { ...one, id: END } : one))
    this.update({ buttons: named })
    this.#provider?.setButtons?.(named)
  }

  set paused(isPaused) {
    if (Boolean(isPaused) === this.state.isPaused) return
    this.update({ isPaused: Boolean(isPaused) })
    this.#provider?.pause(Boolean(isPaused))
  }

  get camera() {
    return this.state.camera
  }

  set camera(camera) {
    if (camera === this.state.camera) return
    this.update({ camera })
    this.#provider?.useCamera(camera)
  }

  set notices(notices) {
    this.update({ notices })
    this.#provider?.setNotices?.(notices)
  }

  /** As NO_FIGURES in figures.js; null is what is not known. */
  async stats() {
    return (await this.#provider?.stats?.()) ?? NO_FIGURES
  }

  connect() {
    this.every(VOICE_MS, () => this.#listen())
    this.every(QUALITY_MS, () => this.#measure())
    this.#settleSoon()
  }

  disconnect() {
    this.#leave()
  }

  template() {
    return room(this.state, this.#acts)
  }

  drawn() {
    const { remote, self, hasSelf, isPaused, off, meeting } = this.state
    this.#devices?.are(ungiven(this.state), meeting)
    heed(self, off)
    this.#playback.follow(this.querySelector(".meeting-remote"), remote)
    put(this.querySelector(".meeting-self"), hasSelf && !isPaused ? self : null)
  }

  /** Properties come one by one and in any order; the meeting begins when all of them are there. */
  #settleSoon() {
    if (this.#isSettling) return
    this.#isSettling = true
    queueMicrotask(() => {
      this.#isSettling = false
      if (this.isConnected) this.#settle()
    })
  }

  #settle() {
    const { join } = this.state
    if (this.#isLeaving || join === this.#seated) return
    if (join && this.#provider?.renew?.(join)) {
      this.#seated = join
      return
    }
    if (this.#provider) return this.#leave()
    if (!join || (join.provider === "direct" && !this.#socket)) return
    this.#seated = join
    this.#provider = this.#enter(join)
    this.#provider.start()
  }

  #enter(join) {
    const { buttons, notices, camera, isPaused } = this.state
    const provider = join.provider === "direct" ? DirectMeeting : JitsiMeeting
    const made = new provider({
      join, buttons, notices, isPaused, socket: this.#socket, camera, isPeerDark: () => this.state.peerOff.includes("video"),
      // What a meeting that was left has still to say is not for the one after it.
      show: (fields) => this.#provider === made && this.update(fields),
      announce: (type, detail) => this.announce(type, detail),
    })
    this.#devices = new PeerDevices({ join, socket: this.#socket, show: (peerOff) => this.update({ peerOff }) })
    return made
  }

  /** The next meeting begins when this one has hung up. */
  async #leave() {
    if (!this.#provider) return
    const [provider, visit] = [this.#provider, this.#seated.visit]
    this.#isLeaving = true
    this.#provider = this.#seated = null
    this.#devices?.stop()
    this.update({ ...EMPTY, frame: this.state.frame })
    try {
      await provider.stop()
    } finally {
      this.#isLeaving = false
      this.update({ frame: null })
      this.announce("meeting-left", { visit })
      this.#settleSoon()
    }
  }

  #listen() {
    const isSpeaking = (this.#provider?.voice ?? 0) > VOICE_LEVEL
    if (isSpeaking !== this.state.isSpeaking) this.update({ isSpeaking })
  }

  async #measure() {
    const found = await this.#quality.watch(this.state, () => this.stats())
    if (String(found) !== String(this.state.troubles)) this.update({ troubles: found })
  }
}

customElements.define("oac-meeting", OacMeeting)
