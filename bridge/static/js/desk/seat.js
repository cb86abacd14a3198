// Keeps the clerk's seat in the meeting of the visit: fetches the way in, and a new one when asked.
// @ts-check
import { api } from "../lib/api.js"
import { loadApi } from "../meeting/jitsi-api.js"
import { stageOf } from "./models/queue.js"

const TRY_AGAIN_MS = 3_000

/** Follows the visit of a `Desk`; puts the JoinInfo, or null, into its state. */
export class Seat {
  #desk
  #visit = null
  /** The way into the meeting of a visit whose citizen has not come yet. */
  #early = { visit: null, join: null }
  #timer = null

  constructor(desk) {
    this.#desk = desk
  }

  /** Sit in the meeting of the visit that is on the desk now; without one, leave. */
  follow({ server, isSignedOut }) {
    const stage = isSignedOut ? null : stageOf(server)
    if (stage === "called") this.#prepare(server.visit.id)
    const visit = stage === "meeting" ? server.visit.id : null
    if (visit === this.#visit) return
    clearTimeout(this.#timer)
    this.#visit = visit
    const { join } = visit && visit === this.#early.visit ? this.#early : { join: null }
    this.#early = { visit: null, join: null }
    this.#desk.update({ join })
    if (visit && !join) this.renew()
  }

  /** While the citizen walks to the counter, everything is fetched that the meeting begins with. */
  async #prepare(visit) {
    if (visit === this.#early.visit) return
    this.#early = { visit, join: null }
    try {
      const join = await api.get(`/api/visits/${visit}/meeting`)
      if (visit === this.#early.visit) this.#early.join = join
      if (join.provider === "jitsi") await loadApi(join)
    } catch {
      // It is asked for again when it is needed.
    }
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
