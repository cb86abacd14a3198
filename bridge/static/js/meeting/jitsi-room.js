// What goes on in one opening of Jitsi's page: who is there, what this side shows, and whether the
// other's picture arrives. The next opening gets another of these.
// @ts-check
import { JitsiCamera } from "./jitsi-camera.js"
import { buttonOf, optionsFor, toolbarConfig } from "./jitsi-config.js"
import { JitsiFrame } from "./jitsi-frame.js"
import { JitsiMute } from "./jitsi-mute.js"
import { answerOf, JitsiNotices } from "./jitsi-notices.js"
import { pictureMoves } from "./jitsi-picture.js"
import { Occupants } from "./occupants.js"
import { KINDS } from "./own-devices.js"

const GHOST_MS = 3_000

export class JitsiRoom {
  #join
  #wants
  #hear
  #frame
  #occupants
  #camera
  #mute
  #notices = new JitsiNotices()
  /** What is off at this side, as Jitsi's page says. */
  #off
  #isIn = false
  #isOver = false

  /**
   * @param {any} Api the class JitsiMeetExternalAPI
   * @param {{join: any, parentNode: HTMLElement,
   *   wants: {buttons: any[], notices: any[], camera: "person" | "document", isPaused: boolean,
   *     isOff: boolean[], isPeerDark: () => boolean},
   *   hear: {any: () => void, joined: () => void, broken: (cause: string) => void, counted: () => void,
   *     button: (id: string) => void, action: (answer: any) => void, missing: (key: string) => void,
   *     camera: (camera: string, fault: string | null) => void, off: (off: string[]) => void,
   *     peerOff: (peerOff: string[]) => void}}} how
   *   `wants` is read whenever something in it was said to have changed
   */
  constructor(Api, { join, parentNode, wants, hear }) {
    this.#join = join
    this.#wants = wants
    this.#hear = hear
    this.#occupants = new Occupants(join)
    this.#camera = new JitsiCamera({ join, tell: (...told) => this.#isOver || hear.camera(...told) })
    const isOff = wants.isOff.map((isChosen) => isChosen || wants.isPaused)
    this.#off = KINDS.filter((_, n) => isOff[n])
    const options = optionsFor({ join, buttons: wants.buttons, parentNode, isOff })
    this.#frame = new JitsiFrame(Api, { domain: join.domain, options, hear: this.#ears() })
    this.#mute = new JitsiMute(this.#frame, { wants, mayChoose: join.side === "clerk" })
  }

  get isPeerThere() {
    return this.#isIn && this.#occupants.isPeerThere
  }

  showButtons() {
    const { buttons } = this.#wants
    if (this.#join.side === "clerk") this.#frame.command("overwriteConfig", toolbarConfig(buttons))
  }

  showNotices() {
    if (this.#isIn) this.#notices.follow(this.#frame, this.#wants.notices)
  }

  useCamera() {
    return this.#camera.use(this.#wants.camera)
  }

  /** Camera and microphone off or on, as wanted. */
  mute() {
    return this.#isIn ? this.#mute.apply() : undefined
  }

  /** Whether Jitsi's page still is in the frame and at work. */
  async answers() {
    try {
      await this.#frame.ask("isAudioMuted")
      return true
    } catch {
      return false
    }
  }

  /** Whether the other's picture moves; null is not known, or nothing is to be seen. */
  async pictureMoves() {
    const { isPaused, isPeerDark } = this.#wants
    const isExpected = this.#isIn && this.#occupants.isPeerShown && !isPaused && !isPeerDark() && !document.hidden
    return isExpected ? pictureMoves(this.#frame, this.#occupants.peer) : null
  }

  drop() {
    this.#isOver = true
    this.#mute.stop()
    this.#frame.drop()
  }

  leave() {
    this.#isOver = true
    this.#mute.stop()
    return this.#frame.leave()
  }

  #ears() {
    const hear = this.#hear
    return {
      any: hear.any,
      joined: () => this.#joined(),
      broken: hear.broken,
      came: (fact) => this.#counted(this.#occupants.came(fact)),
      left: (fact) => this.#counted(this.#occupants.left(fact)),
      muted: (fact) => this.#muted(fact),
      own: (kind, isMuted) => this.#owned(kind, isMuted),
      pressed: (key) => buttonOf(key, this.#wants.buttons) && hear.button(buttonOf(key, this.#wants.buttons)),
      answered: (uuid) => answerOf(uuid) && hear.action(answerOf(uuid)),
      missing: hear.missing,
    }
  }

  #joined() {
    this.#isIn = true
    this.#hear.joined()
    this.#counted()
    this.#mute.begin()
    this.showNotices()
    this.useCamera()
    this.#camera.enter(this.#frame)
  }

  #muted(fact) {
    this.#occupants.muted(fact)
    this.#hear.peerOff(this.#occupants.peerOff)
  }

  #owned(kind, isMuted) {
    this.#mute.changed(kind, isMuted)
    this.#off = KINDS.filter((one, n) => (n === kind ? isMuted : this.#off.includes(one)))
    this.#hear.off(this.#off)
  }

  #counted() {
    this.#hear.counted()
    this.#hear.peerOff(this.#occupants.peerOff)
    if (this.#occupants.ghosts.length) setTimeout(() => this.#sendGhostsAway(), GHOST_MS)
  }

  /** Where the server does not do it itself. Only a moderator can. */
  #sendGhostsAway() {
    if (this.#join.side !== "clerk") return
    this.#occupants.ghosts.forEach((id) => this.#frame.command("kickParticipant", id))
  }
}
