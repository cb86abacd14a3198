// Keeps the citizen's seat in the meeting: gets the way in for each visit, and again after a failure.
// @ts-check
import { api } from "../lib/api.js"
import { loadApi } from "../meeting/jitsi-api.js"
import { faultOf } from "../meeting/causes.js"

const TRY_AGAIN_MS = 4_000

/** Follows the visit that is on the screen; tells `sit` the JoinInfo, or null when there is none. */
export class Seat {
  #sit
  #look
  #visit = null
  #prepared = null
  #timer = null
  #isReady

  /**
   * @param {{sit: (join: any) => void, look?: (camera: string | null) => void,
   *   load?: () => Promise<any>}} how `look` gets the camera that is on, `load` defines <oac-meeting>
   */
  constructor({ sit, look = () => {}, load = () => import("../meeting/meeting.js") }) {
    this.#sit = sit
    this.#look = look
    this.#isReady = load
  }

  /** While the citizen walks to the counter, everything is loaded that the meeting begins with. */
  async prepare({ id, script }) {
    if (id === this.#prepared) return
    this.#prepared = id
    try {
      await this.#isReady()
      if (script) await loadApi({ script, domain: new URL(script).host })
    } catch {
      // It is loaded again when it is needed.
    }
  }

  /**
   * Sit in the meeting of this visit; null leaves. The same visit again changes nothing.
   * `join` is its way in, where that came with the news of it.
   */
  follow(visit, join = null) {
    if (visit === this.#visit) return
    this.leave()
    this.#visit = visit
    if (visit) this.#enter(visit, join)
  }

  /** The meeting's `state` changed; when it gave up, a new way in is got after a moment. */
  heard({ state, cause }) {
    if (state !== "failed") return
    // Whoever is turned away, or reaches nobody, again and again, is not left alone with it.
    if (cause) tell("/api/kiosk/meeting-fault", { cause: faultOf(cause) })
    this.#later(this.#visit)
  }

  /** Another camera is on, or could not be turned on. */
  looked({ camera, fault }) {
    this.#look(camera)
    if (fault) tell("/api/kiosk/camera-fault", { fault })
  }

  /** The way in is not good any more: get a new one now. */
  renew() {
    if (this.#visit) this.#enter(this.#visit)
  }

  leave() {
    clearTimeout(this.#timer)
    this.#timer = null
    this.#visit = null
    this.#sit(null)
    this.#look(null)
  }

  async #enter(visit, early = null) {
    try {
      // The element has to be defined before it gets its properties.
      await this.#isReady()
      const join = early ?? (await api.get("/api/kiosk/meeting"))
      if (visit === this.#visit) this.#sit(join)
    } catch {
      this.#later(visit) // 409 before the arrival is known here, a link that is away, a missing file
    }
  }

  #later(visit) {
    if (!visit || visit !== this.#visit) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => visit === this.#visit && this.#enter(visit), TRY_AGAIN_MS)
  }
}

/** What nobody at the screen can mend; refused when the visit is over, lost when the link is away. */
async function tell(path, body) {
  try {
    await api.post(path, body)
  } catch {
    // The state that comes with the link says how things are.
  }
}
