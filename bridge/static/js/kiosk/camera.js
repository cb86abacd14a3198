// Takes a picture of the paper under the counter's document camera, when the citizen has allowed it.
// @ts-check
import { api } from "../lib/api.js"
import { pickCamera } from "../meeting/cameras.js"

export const CAMERA = "screen:camera"
/** As fine as the camera can; less than full HD shows no paper that can be read. */
const WISH = Object.freeze({ width: { ideal: 3840 }, height: { ideal: 2160 } })
const LEAST_PX = Object.freeze([1080, 1920])
/** A camera that was just turned on finds focus and light first. */
const SETTLE_MS = 1_500
const QUALITY = 0.92
/** How the bridge refuses a picture itself, not the moment; and which of its keys say why. */
const UNFIT = Object.freeze([400, 413, 415, 422])
const UNFIT_KEYS = Object.freeze(["page-too-large", "page-unreadable", "picture-too-small"])
const FAULTS = Object.freeze({ NotAllowedError: "camera-refused", SecurityError: "camera-refused" })

/** The document camera whose name has `label` in it, or null. */
export async function documentCamera(label = "", devices = navigator.mediaDevices) {
  const every = (await devices?.enumerateDevices?.()) ?? []
  return pickCamera(every.filter(({ kind }) => kind === "videoinput"), { kind: "document", label })
}

/** Whether a picture of that size shows a paper that can be read; the bridge keeps no other. */
export function isFine(width, height) {
  return Math.min(width, height) >= LEAST_PX[0] && Math.max(width, height) >= LEAST_PX[1]
}

/** Follows the jobs of the screen, and does the one that waits for a picture, once. */
export class Photographer {
  #send
  #take
  #job = null
  /** The job that waits for its picture now; one that was stopped meanwhile does not. */
  #wanted = null

  /** @param {{send: Function, take?: (label: string) => Promise<Blob>}} how `send` tells the bridge */
  constructor({ send, take = takePicture }) {
    this.#send = send
    this.#take = take
  }

  /** While everything is stopped no camera is turned on, and what was taken meanwhile is not sent. */
  async follow({ visit = null, jobs = [] }, label = "") {
    const job = visit?.is_paused ? null : jobs.find(({ device, state }) => device?.id === CAMERA && state === "queued")
    this.#wanted = job?.id ?? null
    if (!job || job.id === this.#job) return
    this.#job = job.id
    // What did not arrive is taken again when the state comes anew.
    if (!(await this.#serve(job, label))) this.#job = null
  }

  /** True when there is nothing more to do for the job. */
  async #serve(job, label) {
    const path = `/api/kiosk/jobs/${job.id}`
    const missed = (fault) => this.#tell(`${path}/picture-fault`, { fault })
    let taken
    try {
      taken = await this.#take(label)
    } catch (error) {
      return (await missed(error.fault ?? "camera-busy")).isSettled
    }
    if (this.#wanted !== job.id) return false
    const { isSettled, refusal } = await this.#tell(`${path}/picture`, taken, api.put)
    // Taken once more it would be refused once more: the job ends, and the clerk is told why.
    if (UNFIT.includes(refusal?.status)) return (await missed(UNFIT_KEYS.includes(refusal.key) ? refusal.key : "page-unreadable")).isSettled
    return isSettled
  }

  /** Tell the bridge; settled is what it took and what it refuses for good. */
  async #tell(path, body, method = api.post) {
    let refusal = null
    const isHeard = await this.#send(path, body, method, (error) => (refusal = error))
    return { isSettled: isHeard || refusal !== null, refusal }
  }
}

async function takePicture(label) {
  const camera = await documentCamera(label)
  if (!camera) throw fault("camera-missing")
  const stream = await open(camera.deviceId)
  try {
    return await picture(stream)
  } finally {
    stream.getTracks().forEach((track) => track.stop())
  }
}

async function open(deviceId) {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: deviceId }, ...WISH } })
  } catch (error) {
    throw fault(FAULTS[error?.name] ?? "camera-busy")
  }
}

async function picture(stream) {
  const video = Object.assign(document.createElement("video"), { muted: true, srcObject: stream })
  await video.play()
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const { videoWidth: width, videoHeight: height } = video
  if (!isFine(width, height)) throw fault("picture-too-small")
  const canvas = Object.assign(document.createElement("canvas"), { width, height })
  canvas.getContext("2d").drawImage(video, 0, 0)
  video.srcObject = null
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY))
}

function fault(key) {
  return Object.assign(new Error(key), { fault: key })
}
