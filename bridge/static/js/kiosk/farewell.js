// The goodbye: time to take the papers, then the screen forgets everything and proves it.
// @ts-check
import { api } from "../lib/api.js"
import { wipe } from "./wipe.js"

/** How long the reminder to take card and papers stays. */
export const GOODBYE_MS = 25_000
const TRY_AGAIN_MS = 4_000

/** Runs once for each `begin()`; tells `done` the state after the bridge has the proof. */
export class Farewell {
  #done
  #timer = null
  #isForgetting = false

  /** @param {{done: (server: any) => void}} how */
  constructor({ done }) {
    this.#done = done
  }

  begin() {
    this.#timer ??= setTimeout(() => this.#forget(), GOODBYE_MS)
  }

  /** Nobody has to wait for it; once more changes nothing. */
  now() {
    if (this.#timer === null || this.#isForgetting) return
    clearTimeout(this.#timer)
    this.#forget()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = null
  }

  async #forget() {
    const timer = this.#timer
    this.#isForgetting = true
    try {
      const left = await wipe()
      const server = await api.post("/api/kiosk/wiped", left)
      this.stop()
      this.#done(server)
    } catch {
      // Whatever failed, the counter must not stay here: forget and report again.
      if (timer === this.#timer) this.#timer = setTimeout(() => this.#forget(), TRY_AGAIN_MS)
    } finally {
      this.#isForgetting = false
    }
  }
}
