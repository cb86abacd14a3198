// "Stop everything", as touched here: camera and microphone stay off until the bridge knows of it,
// also when the page begins anew meanwhile.
// @ts-check

const TRY_AGAIN_MS = 3_000
/** What is kept is the visit's number, and only until the bridge has heard or the visit is over. */
const KEPT = "halted-visit"

export class Halt {
  #send
  #shown
  #memory
  #visit
  #timer = null
  #isTelling = false

  /**
   * @param {{send: (path: string) => Promise<boolean>, shown: () => void, memory?: any}} how
   *   `send` is true when the bridge has heard it; `shown` lays `over` what the screen shows;
   *   `memory` is what a reload leaves, as localStorage
   */
  constructor({ send, shown, memory = globalThis.localStorage }) {
    this.#send = send
    this.#shown = shown
    this.#memory = memory
    this.#visit = memory.getItem(KEPT)
  }

  /** Off with the touch itself; the bridge is told of it again and again until it has heard. */
  begin(visit) {
    this.#visit = visit
    this.#memory.setItem(KEPT, visit)
    this.#isTelling = true
    this.#shown()
    return this.#tell(visit)
  }

  goOn() {
    this.end()
    return this.#send("/api/kiosk/resumption")
  }

  /** From here on, what the bridge says holds. */
  end() {
    this.rest()
    this.#isTelling = false
    this.#visit = null
    this.#memory.removeItem(KEPT)
  }

  /** The page goes; what was stopped stays so for the next one. */
  rest() {
    clearTimeout(this.#timer)
  }

  /** A KioskState as it holds here: one from before the touch turns nothing on again. */
  over(server) {
    if (this.#visit === null) return server
    if (server.visit?.id !== this.#visit) {
      this.end()
      return server
    }
    // Stopped in this page's life before: the bridge may not know of it yet.
    if (!this.#isTelling) this.#tell(this.#visit)
    return { ...server, visit: { ...server.visit, is_paused: true } }
  }

  async #tell(visit) {
    clearTimeout(this.#timer)
    this.#isTelling = true
    const isHeard = await this.#send("/api/kiosk/stop")
    if (visit !== this.#visit) return
    if (isHeard) return this.end()
    this.#timer = setTimeout(() => this.#tell(visit), TRY_AGAIN_MS)
  }
}
