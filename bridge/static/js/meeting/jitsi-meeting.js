// The meeting on a Jitsi Meet server, through its IFrame API, supervised by watchdog.js: whatever
// happens to Jitsi's page, it is thrown away and opened again with a fresh way in.
// @ts-check
import { Attendance } from "./attendance.js"
import { causeFor } from "./causes.js"
import { loadApi } from "./jitsi-api.js"
import { JitsiRoom } from "./jitsi-room.js"
import { Watchdog } from "./watchdog.js"

const LOOK_MS = 250

export class JitsiMeeting {
  #join
  #wants
  #show
  #announce
  #attendance
  #watchdog = new Watchdog()
  #place = document.createElement("div")
  /** @type {JitsiRoom | null} */
  #room = null
  #turn = 0
  #timer = null
  #missing = new Set()
  #wasConnected = false
  #state = ""

  /** As DirectMeeting, with the clerk's `buttons` and `notices` for Jitsi's page. */
  constructor({ join, socket, buttons, notices, camera, isPaused, isPeerDark, show, announce }) {
    this.#join = join
    this.#attendance = new Attendance({ socket, visit: join.visit, back: () => this.hurry() })
    this.#wants = { buttons, notices, camera, isPaused, isOff: [false, false], isPeerDark }
    this.#show = show
    this.#announce = announce
    this.#place.className = "meeting-frame"
  }

  start() {
    this.#tell("connecting")
    this.#show({ frame: this.#place })
    this.#watchdog.gotJoin(performance.now(), validMs(this.#join))
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    window.addEventListener("online", this.hurry)
    document.addEventListener("visibilitychange", this.hurry)
    return this.#enter()
  }

  /** A fresh JoinInfo of the same visit goes on where the last one ended; another is not ours. */
  renew(join) {
    if (join.provider !== "jitsi" || join.visit !== this.#join.visit) return false
    this.#join = join
    if (this.#watchdog.gotJoin(performance.now(), validMs(join))) this.#enter()
    return true
  }

  /** The network or the bridge is back: what waits for its turn waits no longer. */
  hurry = () => {
    this.#watchdog.hurry(performance.now())
  }

  async stop() {
    this.#turn += 1
    clearInterval(this.#timer)
    window.removeEventListener("online", this.hurry)
    document.removeEventListener("visibilitychange", this.hurry)
    const room = this.#room
    this.#room = null
    this.#attendance.stop()
    await room?.leave()
  }

  setButtons(buttons) {
    this.#wants.buttons = buttons
    this.#room?.showButtons()
  }

  setNotices(notices) {
    this.#wants.notices = notices
    this.#room?.showNotices()
  }

  pause(isPaused) {
    this.#wants.isPaused = isPaused
    return this.#room?.mute()
  }

  useCamera(camera) {
    this.#wants.camera = camera
    return this.#room?.useCamera()
  }

  async #enter() {
    this.#watchdog.entering(performance.now())
    const [turn, join] = [(this.#turn += 1), this.#join]
    try {
      const Api = await loadApi(join, { isAnew: this.#watchdog.hasFailed })
      if (turn !== this.#turn) return
      const how = { join, parentNode: this.#place, wants: this.#wants, hear: this.#ears(turn) }
      this.#room = new JitsiRoom(Api, how)
    } catch (error) {
      if (turn !== this.#turn) return
      if (!error.key) throw error
      this.#announce("meeting-error", { key: error.key })
      this.#fail("silent")
    }
  }

  /** What was said in an opening that is over is not heard. */
  #ears(turn) {
    const ears = {
      any: () => this.#watchdog.heard(),
      joined: () => this.#joined(),
      broken: (cause) => this.#fail(causeFor(this.#join.side, cause)),
      counted: () => this.#counted(),
      button: (id) => this.#announce("meeting-button", { id }),
      action: (answer) => this.#announce("meeting-action", answer),
      missing: (key) => this.#miss(key),
      camera: (camera, fault) => this.#announce("meeting-camera", { camera, fault }),
      off: (off) => this.#show({ off }),
      peerOff: (serverOff) => this.#show({ serverOff }),
    }
    const isNow = (act) => (...told) => turn === this.#turn && act(...told)
    return Object.fromEntries(Object.entries(ears).map(([name, act]) => [name, isNow(act)]))
  }

  #joined() {
    this.#watchdog.joined(performance.now())
    this.#attendance.joined()
    this.#announce("meeting-joined", { visit: this.#join.visit })
  }

  #counted() {
    const isPeerThere = this.#room?.isPeerThere ?? false
    this.#show({ isPeerThere })
    if (this.#watchdog.isIn) this.#tell(isPeerThere ? "connected" : this.#word())
  }

  #miss(key) {
    this.#missing.add(key)
    this.#show({ missing: [...this.#missing] })
    this.#announce("meeting-error", { key })
  }

  #look() {
    // The counter's screen comes back in any case: it has one page. A clerk may have Jitsi's own page
    // beside this one, both in sight: the meeting is where they work.
    const isSeen = this.#join.side !== "clerk" || document.hasFocus()
    const act = this.#watchdog.look(performance.now(), { isSeen })
    if (act === "ask") this.#announce("meeting-needs-join", { visit: this.#join.visit })
    if (act === "enter") this.#enter()
    if (act === "fail") this.#fail("silent")
    if (act === "probe") this.#probe(this.#room)
  }

  async #probe(room) {
    const isAnswering = await room.answers()
    if (room !== this.#room) return
    if (isAnswering) this.#watchdog.heard()
    else this.#watchdog.unanswered()
    const moves = isAnswering ? await room.pictureMoves() : null
    if (room !== this.#room) return
    this.#watchdog.picture(performance.now(), moves)
    this.#missPicture(this.#watchdog.isBlackForGood)
  }

  #missPicture(isMissing) {
    if (isMissing === this.#missing.has("picture-missing")) return
    if (isMissing) return this.#miss("picture-missing")
    this.#missing.delete("picture-missing")
    this.#show({ missing: [...this.#missing] })
  }

  #fail(cause) {
    this.#turn += 1
    this.#room?.drop()
    this.#room = null
    this.#attendance.left()
    this.#missing.clear()
    this.#watchdog.failed(performance.now(), cause)
    this.#show({ isPeerThere: false, missing: [], serverOff: [], cause })
    this.#tell(this.#watchdog.isHopeless ? "failed" : this.#word())
  }

  #word() {
    return this.#wasConnected ? "reconnecting" : "connecting"
  }

  #tell(state) {
    if (state === "connected") this.#wasConnected = true
    if (state === this.#state) return
    this.#state = state
    this.#show({ meeting: state })
    this.#announce("meeting-state", { state, cause: state === "failed" ? this.#watchdog.cause : null })
  }
}

function validMs({ valid_s: seconds }) {
  return seconds === undefined ? Infinity : seconds * 1000
}
