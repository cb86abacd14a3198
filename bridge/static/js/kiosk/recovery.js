// A counter that the bridge takes for absent although this screen is there: begin anew.
// The bridge notices a screen when it connects, so a connection that outlived a gap goes unnoticed.
// @ts-check

/** As long as this a counter may be getting ready; nobody has chosen anything meanwhile. */
export const PATIENCE_MS = 25_000

/** Told every screen; calls `restart` when "preparing" lasts and the bridge answers nevertheless. */
export class Recovery {
  #answers
  #restart
  #timer = null

  /** @param {{answers: () => Promise<any>, restart?: () => void}} how */
  constructor({ answers, restart = () => location.reload() }) {
    this.#answers = answers
    this.#restart = restart
  }

  follow(screen, patienceMs = PATIENCE_MS) {
    if (screen !== "preparing") this.stop()
    else this.#timer ??= setTimeout(() => this.#look(patienceMs), patienceMs)
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = null
  }

  async #look(patienceMs) {
    const timer = this.#timer
    try {
      await this.#answers()
      if (timer === this.#timer) this.#restart()
    } catch {
      // Without an answer the page would load as an error that nobody gets away from: wait on.
      if (timer === this.#timer) this.#timer = setTimeout(() => this.#look(patienceMs), patienceMs)
    }
  }
}
