// "Stop everything", as touched here: camera and microphone stay off until the bridge knows of it.
// @ts-check

const TRY_AGAIN_MS = 3_000

export class Halt {
  #send
  #shown
  #visit = null
  #timer = null

  /**
   * @param {{send: (path: string) => Promise<boolean>, shown: () => void}} how
   *   `send` is true when the bridge has heard it; `shown` lays `over` what the screen shows
   */
  constructor({ send, shown }) {
    this.#send = send
    this.#shown = shown
  }

  /** Off with the touch itself; the bridge is told of it again and again until it has heard. */
  async begin(visit) {
    this.#visit = visit
    this.#shown()
    const isHeard = await this.#send("/api/kiosk/stop")
    if (visit !== this.#visit) return
    if (isHeard) return this.end()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.begin(visit), TRY_AGAIN_MS)
  }

  goOn() {
    this.end()
    return this.#send("/api/kiosk/resumption")
  }

  /** From here on, what the bridge says holds. */
  end() {
    clearTimeout(this.#timer)
    this.#visit = null
  }

  /** A KioskState as it holds here: one from before the touch turns nothing on again. */
  over(server) {
    if (this.#visit === null) return server
    if (server.visit?.id === this.#visit) return { ...server, visit: { ...server.visit, is_paused: true } }
    this.end()
    return server
  }
}
