// Keeps the clerk's seat in the meeting of the visit: fetches the way in, and a new one when asked.
// @ts-check
import { api } from "../lib/api.js"
import { loadApi } from "../meeting/jitsi-api.js"
import { stageOf } from "./models/queue.js"
import { meetingKey } from "./models/ways.js"

const TRY_AGAIN_MS = 3_000

/** Follows the visit of a `Desk`; puts the JoinInfo, or null, into its state. */
export class Seat {
  #desk
  #visit = null
  #meeting = null
  /** The way into the meeting of a visit whose citizen has not come yet. */
  #early = { meeting: null, join: null }
  #timer = null

  constructor(desk) {
    this.#desk = desk
  }

  /** Sit in the meeting of the visit that is on the desk now; without one, leave. */
  follow({ server, isSignedOut, owns }) {
    const stage = isSignedOut ? null : stageOf(server)
    const isSeated = ["called", "meeting"].includes(stage) && server.visit.provider !== "phone"
    if (isSeated && stage === "called") this.#prepare(server.visit)
    const visit = isSeated && owns && stage === "meeting" ? server.visit.id : null
    const meeting = visit && meetingKey(server.visit)
    if (meeting === this.#meeting) return
    clearTimeout(this.#timer)
    this.#visit = visit
    this.#meeting = meeting
    const { join } = meeting && meeting === this.#early.meeting ? this.#early : { join: null }
    if (meeting) this.#early = { meeting: null, join: null }
    this.#desk.update({ join })
    if (visit && !join) this.renew()
  }

  /** While the citizen walks to the counter, everything is fetched that the meeting begins with. */
  async #prepare(visit) {
    const meeting = meetingKey(visit)
    if (meeting === this.#early.meeting) return
    this.#early = { meeting, join: null }
    try {
      const join = await api.get(`/api/visits/${visit.id}/meeting`)
      if (meeting === this.#early.meeting) this.#early.join = join
      if (join.provider === "jitsi") await loadApi(join)
    } catch {
      // It is asked for again when it is needed.
    }
  }

  /** Get a new way into the same meeting: the one before has expired or failed. */
  async renew() {
    const [visit, meeting] = [this.#visit, this.#meeting]
    if (!visit) return
    try {
      const join = await api.get(`/api/visits/${visit}/meeting`)
      if (meeting === this.#meeting) this.#desk.update({ join })
    } catch {
      // Not yet arrived there, or the bridge is away for a moment: both pass.
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => meeting === this.#meeting && this.renew(), TRY_AGAIN_MS)
    }
  }

  leave() {
    clearTimeout(this.#timer)
    this.#visit = this.#meeting = null
  }
}
