// The meeting without a meeting server: both browsers connected to each other, signalled by the bridge.
// @ts-check
import { figuresOf } from "./figures.js"
import { LocalMedia } from "./local-media.js"
import { Peering } from "./peering.js"
import { Recovery } from "./recovery.js"
import { Signalling } from "./signalling.js"

const LOOK_MS = 500
/** Longer than this nobody waits for an answer to "may this page use the camera?". */
const MEDIA_MS = 4_000

export class DirectMeeting {
  #join
  #show
  #announce
  #media
  #signalling
  #recovery = new Recovery()
  /** @type {Peering | null} */
  #peering = null
  #isPeerThere = false
  #isBroken = false
  #isPaused
  #isOver = false
  #timer = null
  #state = ""

  /**
   * @param {{join: any, socket: any, camera: "person" | "document", isPaused: boolean,
   *   show: (fields: any) => void, announce: (type: string, detail?: any) => void}} how
   *   `join` is a JoinInfo, `socket` a Link; `show` changes what the element shows.
   */
  constructor({ join, socket, camera, isPaused, show, announce }) {
    this.#join = join
    this.#isPaused = isPaused
    this.#show = show
    this.#announce = announce
    const own = join.side === "clerk" ? "person" : camera
    this.#media = new LocalMedia({ camera: own, label: join.document_camera, hear: this.#hearMedia() })
    this.#signalling = new Signalling({ socket, join, hear: this.#hearPeer() })
  }

  async start() {
    this.#tell("connecting")
    this.#show({ self: this.#media.stream })
    if (!this.#isPaused) {
      await Promise.race([this.#media.start(), new Promise((done) => setTimeout(done, MEDIA_MS))])
    }
    await loaded()
    if (this.#isOver) return
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    window.addEventListener("online", this.#hurry)
    document.addEventListener("visibilitychange", this.#hurry)
    await this.#signalling.start()
    if (!this.#isOver) this.#announce("meeting-joined", { visit: this.#join.visit })
  }

  stop() {
    this.#isOver = true
    clearInterval(this.#timer)
    window.removeEventListener("online", this.#hurry)
    document.removeEventListener("visibilitychange", this.#hurry)
    this.#signalling.stop()
    this.#drop()
    this.#media.stop()
  }

  pause(isPaused) {
    this.#isPaused = isPaused
    if (isPaused) this.#media.stop()
    else this.#media.start()
  }

  /** The clerk's camera always shows the clerk, whatever is asked of the counter's. */
  useCamera(camera) {
    return this.#isOfferer ? undefined : this.#media.useCamera(camera)
  }

  get voice() {
    return this.#peering?.voice ?? 0
  }

  async stats() {
    return figuresOf(this.#peering ? [...(await this.#peering.stats()).values()] : [])
  }

  get #isOfferer() { return this.#join.side === "clerk" }

  get #connection() { return this.#peering?.connection ?? "new" }

  #hearMedia() {
    return {
      track: (kind, track) => {
        this.#peering?.replace(kind, track)
        this.#show({ hasSelf: this.#media.stream.getVideoTracks().length > 0 })
      },
      camera: (camera, fault) => this.#announce("meeting-camera", { camera, fault }),
      missing: (missing) => {
        this.#show({ missing })
        missing.forEach((key) => this.#announce("meeting-error", { key }))
      },
    }
  }

  #hearPeer() {
    return {
      there: (isPeerThere) => {
        this.#peerIs(isPeerThere)
        if (isPeerThere) this.#meet()
      },
      peer: (how) => {
        this.#peerIs(true)
        if (how === "new") this.#drop()
        this.#meet()
      },
      gone: () => this.#peerIs(false),
      signal: (signal) => this.#take(signal),
    }
  }

  #take({ description, candidate, isNew }) {
    this.#peerIs(true)
    if (isNew) this.#drop()
    if (!this.#peering && description?.type === "offer") this.#build()
    this.#peering?.take({ description, candidate })
  }

  /** The clerk offers, or offers again what may have been lost. */
  #meet() {
    if (!this.#isOfferer || this.#connection === "connected") return
    if (this.#peering) return this.#peering.mend()
    this.#build()
    this.#peering.open()
  }

  #build() {
    this.#isBroken = false
    this.#recovery.began(performance.now())
    this.#peering = new Peering({
      iceServers: this.#join.ice_servers ?? [],
      isPolite: !this.#isOfferer,
      stream: this.#media.stream,
      hear: {
        say: (kind, content) => this.#signalling.say(kind, content),
        changed: () => this.#look(),
        remote: (remote) => this.#show({ remote }),
        broken: () => (this.#isBroken = true),
      },
    })
  }

  #drop() {
    this.#peering?.close()
    this.#peering = null
    this.#show({ remote: null })
  }

  #hurry = () => {
    this.#recovery.hurry(performance.now())
    this.#look()
  }

  #look() {
    const { isLinked } = this.#signalling
    const [now, connection, isPeerThere] = [performance.now(), this.#connection, this.#isPeerThere]
    const act = this.#recovery.look({ now, connection, isLinked, isPeerThere })
    this.#tell(this.#word())
    if (act === "rebuild" || (act && this.#isBroken)) {
      this.#drop()
      this.#signalling.renew()
    } else if (act === "mend" && this.#peering) this.#peering.mend()
    else if (act) this.#signalling.announce()
  }

  #word() {
    if (this.#connection === "connected") return "connected"
    if (this.#recovery.isHopeless) return "failed"
    return this.#recovery.wasConnected ? "reconnecting" : "connecting"
  }

  #tell(state) {
    if (state === this.#state) return
    this.#state = state
    this.#show({ meeting: state })
    this.#announce("meeting-state", { state })
  }

  #peerIs(isPeerThere) {
    this.#isPeerThere = isPeerThere
    this.#show({ isPeerThere })
  }
}

/** A video without a picture yet holds up the page's loading: it has to wait for its end. */
function loaded() {
  if (document.readyState === "complete") return Promise.resolve()
  return new Promise((done) => window.addEventListener("load", done, { once: true }))
}
