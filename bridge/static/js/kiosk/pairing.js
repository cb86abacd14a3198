// Pairs this screen: shows a code, and asks until a supervisor approved it.
// @ts-check
import { api } from "../lib/api.js"

const ASK_EVERY_MS = 2_000
const TRY_AGAIN_MS = 5_000

/** Runs from `start()` until paired or stopped; tells `show` the code, then `paired` once. */
export class Pairing {
  #counter = decodeURIComponent(location.pathname.split("/")[2] ?? "") || null
  #show
  #paired
  #timer = null
  #claim = null
  #isRunning = false

  /** @param {{show: (code: string | null) => void, paired: () => void}} how */
  constructor({ show, paired }) {
    this.#show = show
    this.#paired = paired
  }

  start() {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#turn()
  }

  stop() {
    this.#isRunning = false
    this.#claim = null
    clearTimeout(this.#timer)
  }

  async #turn() {
    let wait = ASK_EVERY_MS
    try {
      if (this.#claim) await this.#ask()
      else await this.#begin()
    } catch (error) {
      // An expired code makes place for a new one at once; anything else is tried again as it is.
      if (error.key === "pairing-expired") {
        this.#claim = null
        wait = 0
      } else {
        wait = TRY_AGAIN_MS
      }
    }
    if (this.#isRunning) this.#timer = setTimeout(() => this.#turn(), wait)
  }

  async #begin() {
    const { code, claim } = await api.post("/api/pairings", { kind: "kiosk", counter: this.#counter })
    if (!this.#isRunning) return
    this.#claim = claim
    this.#show(code)
  }

  async #ask() {
    const answer = await api.post("/api/pairings/claim", { claim: this.#claim })
    if (!this.#isRunning || !answer?.counter) return
    this.stop()
    this.#show(null)
    this.#paired()
  }
}
