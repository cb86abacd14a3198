// The meeting on a Jitsi Meet server, through its IFrame API, and the supervision that API needs:
// its page reloads itself with an old token, or dies without a word. Then it is made anew.
// @ts-check
import { loadApi } from "./jitsi-api.js"
import { buttonOf, optionsFor, toolbarConfig } from "./jitsi-config.js"
import { waitAfter } from "./recovery.js"

const JOIN_MS = 10_000
const LEAVE_MS = 2_000
const AGAIN_MS = Object.freeze([500, 2_000, 5_000, 10_000])
const HOPELESS = 4

export class JitsiMeeting {
  #join
  #show
  #announce
  #buttons
  #camera
  #isPaused
  /** @type {any} */
  #api = null
  #frame = document.createElement("div")
  #timer = null
  #attempt = 0
  #isIn = false
  #wasConnected = false
  #isOver = false
  #state = ""

  /** As DirectMeeting, with the clerk's `buttons` in Jitsi's own tool bar instead of a socket. */
  constructor({ join, buttons, camera, isPaused, show, announce }) {
    this.#join = join
    this.#buttons = buttons
    this.#camera = camera
    this.#isPaused = isPaused
    this.#show = show
    this.#announce = announce
    this.#frame.className = "meeting-frame"
  }

  start() {
    this.#tell("connecting")
    this.#show({ frame: this.#frame })
    return this.#enter()
  }

  /** A fresh JoinInfo of the same visit goes on where the last one ended; another is not ours. */
  renew(join) {
    if (join.provider !== "jitsi" || join.visit !== this.#join.visit) return false
    this.#join = join
    this.#dispose()
    this.#enter()
    return true
  }

  /** Hang up first: a frame that is only removed leaves a ghost in the room for a minute. */
  async stop() {
    this.#isOver = true
    clearTimeout(this.#timer)
    const api = this.#api
    this.#api = null
    this.#announce("meeting-left", { visit: this.#join.visit })
    if (!api) return
    await new Promise((done) => {
      api.addListener("readyToClose", done)
      setTimeout(done, LEAVE_MS)
      api.executeCommand("hangup")
    })
    api.dispose()
  }

  setButtons(buttons) {
    this.#buttons = buttons
    if (this.#join.side === "clerk") this.#api?.executeCommand("overwriteConfig", toolbarConfig(buttons))
  }

  pause(isPaused) {
    this.#isPaused = isPaused
    return this.#mute()
  }

  async useCamera(camera) {
    this.#camera = camera
    if (!this.#isIn || !camera) return
    const { videoInput = [] } = await this.#api.getAvailableDevices()
    const found = videoInput.find(({ deviceId }) => deviceId === camera)
    if (found) this.#api?.setVideoInputDevice(found.label, found.deviceId)
  }

  notify({ key, title, text, actions }) {
    this.#api?.executeCommand("showNotification", {
      title,
      description: text,
      uid: key,
      type: "normal",
      timeout: "sticky",
      customActions: actions.map((action) => ({ label: action.text, uuid: `${key}/${action.id}` })),
    })
  }

  async #enter() {
    // First, so that a script that never answers is covered as well.
    this.#timer = setTimeout(() => this.#fail(), JOIN_MS)
    const join = this.#join
    try {
      const Api = await loadApi(join)
      if (this.#isOver || join !== this.#join) return
      this.#api = new Api(join.domain, optionsFor({ join, buttons: this.#buttons, parentNode: this.#frame }))
      this.#listen(this.#api)
    } catch (error) {
      if (this.#isOver || join !== this.#join) return
      if (!error.key) throw error
      this.#announce("meeting-error", { key: error.key })
      this.#fail()
    }
  }

  #listen(api) {
    const hear = (name, handler) => api.addListener(name, (fact) => api === this.#api && handler(fact ?? {}))
    hear("videoConferenceJoined", () => this.#joined())
    hear("participantJoined", () => this.#count())
    hear("participantLeft", () => this.#count())
    hear("videoConferenceLeft", () => this.#fail())
    hear("readyToClose", () => this.#fail())
    hear("suspendDetected", () => this.#fail())
    hear("errorOccurred", ({ error }) => error?.isFatal && this.#fail())
    hear("cameraError", () => this.#announce("meeting-error", { key: "camera-missing" }))
    hear("micError", () => this.#announce("meeting-error", { key: "microphone-missing" }))
    hear("toolbarButtonClicked", ({ key }) => this.#pressed(key))
    hear("customNotificationActionTriggered", ({ data }) => this.#answered(data?.id ?? ""))
  }

  #joined() {
    clearTimeout(this.#timer)
    this.#attempt = 0
    this.#isIn = true
    this.#announce("meeting-joined", { visit: this.#join.visit })
    this.#count()
    this.#mute()
    this.useCamera(this.#camera)
  }

  #count() {
    const isPeerThere = this.#isIn && this.#api.getNumberOfParticipants() > 1
    this.#show({ isPeerThere })
    this.#tell(isPeerThere ? "connected" : this.#wasConnected ? "reconnecting" : "connecting")
  }

  #pressed(key) {
    const id = buttonOf(key, this.#buttons)
    if (id) this.#announce("meeting-button", { id })
  }

  #answered(uuid) {
    const at = uuid.lastIndexOf("/")
    if (at > 0) this.#announce("meeting-action", { key: uuid.slice(0, at), action: uuid.slice(at + 1) })
  }

  async #mute() {
    if (!this.#isIn) return
    const api = this.#api
    const [isSilent, isDark] = await Promise.all([api.isAudioMuted(), api.isVideoMuted()])
    if (api !== this.#api) return
    if (isSilent !== this.#isPaused) api.executeCommand("toggleAudio")
    if (isDark !== this.#isPaused) api.executeCommand("toggleVideo")
  }

  /** Throw the frame away and ask the page for a fresh way in: the old token may have expired. */
  #fail() {
    this.#dispose()
    this.#attempt += 1
    this.#tell(this.#attempt > HOPELESS ? "failed" : this.#wasConnected ? "reconnecting" : "connecting")
    const ask = () => {
      this.#announce("meeting-needs-join", { visit: this.#join.visit })
      this.#timer = setTimeout(ask, JOIN_MS) // the bridge may be away as well: it is asked again
    }
    this.#timer = setTimeout(ask, waitAfter(this.#attempt, AGAIN_MS))
  }

  #dispose() {
    clearTimeout(this.#timer)
    this.#isIn = false
    this.#show({ isPeerThere: false })
    this.#api?.dispose()
    this.#api = null
  }

  #tell(state) {
    if (state === "connected") this.#wasConnected = true
    if (state === this.#state) return
    this.#state = state
    this.#show({ meeting: state })
    this.#announce("meeting-state", { state })
  }
}
