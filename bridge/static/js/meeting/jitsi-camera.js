// The camera of this side in Jitsi's page, and how large pictures are sent and asked for.
// @ts-check
import { HEIGHTS, pickCamera, sending } from "./cameras.js"

/** Turns the counter's camera to the person or to the paper; on the desk, asks for what it sends. */
export class JitsiCamera {
  #join
  #tell
  #frame = null
  #kind = "person"
  /** What is sent now; null is not known yet: a browser begins with any of them. */
  #shown = null
  #turn = Promise.resolve()

  /** @param {{join: any, tell: (camera: string, fault: string | null) => void}} how */
  constructor({ join, tell }) {
    this.#join = join
    this.#tell = tell
  }

  /** The frame has joined, with a camera of its own choice. */
  enter(frame) {
    this.#frame = frame
    return this.#apply()
  }

  /** @param {"person" | "document"} kind */
  use(kind) {
    if (kind === this.#kind) return this.#turn
    this.#kind = kind
    return this.#apply()
  }

  #apply() {
    this.#turn = this.#turn.then(() => (this.#join.side === "clerk" ? this.#receive() : this.#switch()))
    return this.#turn
  }

  #receive() {
    this.#frame?.command("setVideoQuality", HEIGHTS[this.#kind])
  }

  async #switch() {
    const [frame, kind] = [this.#frame, this.#kind]
    if (!frame || kind === this.#shown) return
    const fault = await this.#turnTo(frame, kind)
    if (!fault) this.#shown = kind
    this.#tell(this.#shown ?? "person", fault)
  }

  /** Null when the camera is on, else why it is not. */
  async #turnTo(frame, kind) {
    const { videoInput = [] } = await frame.ask("getAvailableDevices").catch(() => ({}))
    const found = pickCamera(videoInput, { kind, label: this.#join.document_camera })
    if (!found) return kind === "person" ? null : "camera-missing"
    if (kind === "person" && (await this.#isCurrent(frame, found))) return null
    // Read when the track is made anew, which the next line has done.
    frame.command("overwriteConfig", sending(kind))
    const isOn = await frame.ask("setVideoInputDevice", found.label, found.deviceId).catch(() => false)
    if (isOn !== false && !isOn?.error) return null
    frame.command("overwriteConfig", sending("person"))
    return "camera-busy"
  }

  async #isCurrent(frame, { label }) {
    const { videoInput } = await frame.ask("getCurrentDevices").catch(() => ({}))
    return this.#shown === null && videoInput?.label === label
  }
}
