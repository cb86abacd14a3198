// Keeps the citizen's seat in the meeting: gets the way in for each visit, and again after a failure.
// @ts-check
import { api } from "../lib/api.js"

const TRY_AGAIN_MS = 4_000

/** Follows the visit that is on the screen; tells `sit` the JoinInfo, or null when there is none. */
export class Seat {
  #sit
  #visit = null
  #timer = null
  #isReady

  /** @param {{sit: (join: any) => void, load?: () => Promise<any>}} how `load` defines <oac-meeting> */
  constructor({ sit, load = () => import("../meeting/meeting.js") }) {
    this.#sit = sit
    this.#isReady = load
  }

  /** Sit in the meeting of this visit; null leaves. The same visit again changes nothing. */
  follow(visit) {
    if (visit === this.#visit) return
    this.leave()
    this.#visit = visit
    if (visit) this.#enter(visit)
  }

  /** The meeting gave up: get a new way in after a moment. */
  failed() {
    this.#later(this.#visit)
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
  }

  async #enter(visit) {
    try {
      // The element has to be defined before it gets its properties.
      await this.#isReady()
      const join = await api.get("/api/kiosk/meeting")
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
