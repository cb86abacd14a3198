// Keeps the clerk's seat in the meeting of the visit: fetches the way in, and a new one when asked.
// @ts-check
import { api } from "../lib/api.js"
import { stageOf } from "./models/queue.js"

const TRY_AGAIN_MS = 3_000

/** Follows the visit of a `Desk`; puts the JoinInfo, or null, into its state. */
export class Seat {
  #desk
  #visit = null
  #timer = null

  constructor(desk) {
    this.#desk = desk
  }

  /** Sit in the meeting of the visit that is on the desk now; without one, leave. */
  follow({ server, isSignedOut }) {
    const isMeeting = !isSignedOut && stageOf(server) === "meeting"
    const visit = isMeeting ? server.visit.id : null
    if (visit === this.#visit) return
    clearTimeout(this.#timer)
    this.#visit = visit
    this.#desk.update({ join: null })
    if (visit) this.renew()
  }

  /** Get a new way into the same meeting: the one before has expired or failed. */
  async renew() {
    const visit = this.#visit
    if (!visit) return
    try {
      const join = await api.get(`/api/visits/${visit}/meeting`)
      if (visit === this.#visit) this.#desk.update({ join })
    } catch {
      // Not yet arrived there, or the bridge is away for a moment: both pass.
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => visit === this.#visit && this.renew(), TRY_AGAIN_MS)
    }
  }

  leave() {
    clearTimeout(this.#timer)
    this.#visit = null
  }
}
