// This side's camera and microphone: got, lost and got again. Works without either of them.
// @ts-check

import { HEIGHTS, pickCamera } from "./cameras.js"

const AGAIN_MS = 5_000
const NAMES = Object.freeze({ audio: "microphone", video: "camera" })
const REASONS = Object.freeze({
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotReadableError: "busy",
  AbortError: "busy",
})

export class LocalMedia {
  /** The tracks there are. The stream is the same for ever; its tracks come and go. */
  stream = new MediaStream()
  #devices
  #hear
  #camera
  #label
  #isOn = false
  #round = 0
  #timer = null
  #again = () => this.#fill()

  /**
   * @param {{camera: "person" | "document", label?: string, devices?: MediaDevices, hear: {
   *   track: (kind: string, track: MediaStreamTrack | null) => void,
   *   camera: (camera: string, fault: string | null) => void,
   *   missing: (keys: string[]) => void}}} how
   *   `label` is a part of the document camera's name; `camera` gets which one is on, and why not
   *   the other; `missing` what is not there: `camera-missing`, `camera-refused`, `microphone-busy`…
   */
  constructor({ camera, label = "", devices = navigator.mediaDevices, hear }) {
    this.#camera = camera
    this.#label = label
    this.#devices = devices
    this.#hear = hear
  }

  /** Switch on; answers when it was tried, whatever came of it. */
  start() {
    if (this.#isOn) return Promise.resolve()
    this.#isOn = true
    this.#devices?.addEventListener("devicechange", this.#again)
    return this.#fill()
  }

  /** Switch off: the tracks end at once and the camera's light goes out. */
  stop() {
    this.#isOn = false
    this.#round += 1
    clearTimeout(this.#timer)
    this.#devices?.removeEventListener("devicechange", this.#again)
    Object.keys(NAMES).forEach((kind) => this.#drop(kind))
    this.#miss({})
  }

  /** Look through another camera: at the person or at the document. */
  async useCamera(camera) {
    if (camera === this.#camera) return
    this.#camera = camera
    if (!this.#isOn) return
    this.#drop("video")
    await this.#fill()
  }

  #track(kind) {
    return this.stream.getTracks().find((track) => track.kind === kind)
  }

  async #fill() {
    clearTimeout(this.#timer)
    const round = (this.#round += 1)
    const kinds = Object.keys(NAMES).filter((kind) => !this.#track(kind))
    if (!kinds.length) return this.#miss({})
    const { tracks, missing } = await this.#ask(kinds)
    // Meanwhile switched off, or asked again: what came late must not stay on.
    if (round !== this.#round) return tracks.forEach((track) => track.stop())
    tracks.forEach((track) => this.#take(track))
    this.#miss(missing)
    // Without a person's permission it is not asked again: the browser would nag.
    const isWorthIt = Object.values(missing).some((reason) => reason !== "refused")
    if (isWorthIt && this.#devices) this.#timer = setTimeout(this.#again, AGAIN_MS)
  }

  async #ask(kinds) {
    const camera = kinds.includes("video") ? this.#camera : "person"
    const device = await findCamera(this.#devices, camera, this.#label)
    const isThere = camera === "person" || device !== null
    const found = isThere ? await ask(this.#devices, kinds, { camera, device }) : null
    const fault = isThere ? found.missing.video : "missing"
    if (camera === "person" || !fault) {
      if (kinds.includes("video")) this.#hear.camera(camera, null)
      return found
    }
    // The person is shown again, and the other's order is answered with why.
    found?.tracks.forEach((track) => track.stop())
    this.#camera = "person"
    this.#hear.camera("person", `camera-${fault}`)
    return this.#ask(kinds)
  }

  #take(track) {
    // Rather fewer pixels than fewer pictures: 20 a second are the least (EN 301 549, 6.5.3). A
    // paper, though, is to be read.
    const hint = this.#camera === "document" ? "detail" : "motion"
    track.contentHint = track.kind === "video" ? hint : "speech"
    track.onended = () => {
      this.#drop(track.kind)
      this.#fill()
    }
    this.stream.addTrack(track)
    this.#hear.track(track.kind, track)
  }

  #drop(kind) {
    const track = this.#track(kind)
    if (!track) return
    track.onended = null
    track.stop()
    this.stream.removeTrack(track)
    this.#hear.track(kind, null)
  }

  #miss(missing) {
    this.#hear.missing(Object.entries(missing).map(([kind, reason]) => `${NAMES[kind]}-${reason}`))
  }
}

/** Ask for all kinds with one question, and one by one when that fails. */
async function ask(devices, kinds, look) {
  const wishes = Object.fromEntries(kinds.map((kind) => [kind, wish(kind, look)]))
  try {
    return { tracks: await get(devices, wishes), missing: {} }
  } catch {
    const found = await Promise.allSettled(kinds.map((kind) => get(devices, { [kind]: wishes[kind] })))
    const tracks = found.flatMap((one) => (one.status === "fulfilled" ? one.value : []))
    const missing = kinds.flatMap((kind, n) => {
      const one = found[n]
      return one.status === "rejected" ? [[kind, REASONS[one.reason?.name] ?? "missing"]] : []
    })
    return { tracks, missing: Object.fromEntries(missing) }
  }
}

async function get(devices, wishes) {
  // A page that did not come over HTTPS has no `mediaDevices` at all.
  if (!devices) throw new DOMException("no devices here", "SecurityError")
  return (await devices.getUserMedia(wishes)).getTracks()
}

/** The id of the camera for it, or null: not there, or the browser may choose. */
async function findCamera(devices, camera, label) {
  const every = (await devices?.enumerateDevices?.()) ?? []
  const cameras = every.filter(({ kind }) => kind === "videoinput")
  return pickCamera(cameras, { kind: camera, label })?.deviceId || null
}

function wish(kind, { camera, device }) {
  if (kind === "audio") return { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  const height = HEIGHTS[camera]
  const size = { width: { ideal: (height * 16) / 9 }, height: { ideal: height }, frameRate: { ideal: 30 } }
  if (!device) return size
  // Another camera than the one for papers shows no paper.
  return { ...size, deviceId: camera === "document" ? { exact: device } : { ideal: device } }
}
