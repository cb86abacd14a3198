// Asks for the whole state whenever something may be new, never twice at once.
// Pure: the request and the clock's timers come in, so that it is tested without a page.
// @ts-check

/** Coalesces calls: while one request runs, any number of `refresh()` make one more after it. */
export class Refresher {
  #ask
  #take
  #fail
  #running = null
  #isWanted = false
  #isOld = false

  /**
   * @param {{ask: () => Promise<any>, take: (state: any) => void, fail?: (error: any) => void}} how
   *   `ask` fetches the state, `take` gets it, `fail` gets the error of a request that failed.
   */
  constructor({ ask, take, fail = () => {} }) {
    this.#ask = ask
    this.#take = take
    this.#fail = fail
  }

  /** Ask now, or once more after the request that is under way. */
  refresh() {
    this.#isWanted = true
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Take a state that came as the answer of another request; one asked for earlier is then old. */
  put(state) {
    if (this.#running) {
      this.#isOld = true
      this.#isWanted = true
    }
    this.#take(state)
  }

  async #run() {
    while (this.#isWanted) {
      this.#isWanted = false
      this.#isOld = false
      try {
        const state = await this.#ask()
        if (!this.#isOld) this.#take(state)
      } catch (error) {
        this.#fail(error)
      }
    }
  }
}
