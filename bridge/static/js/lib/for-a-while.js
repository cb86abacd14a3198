// Has something on a page for a while and takes it off again; what comes later has its own while.
// @ts-check

export class ForAWhile {
  #update
  #timers = new Map()

  /** @param {(fields: Record<string, any>) => void} update */
  constructor(update) {
    this.#update = update
  }

  show(name, value, ms) {
    this.#update({ [name]: value })
    clearTimeout(this.#timers.get(name))
    this.#timers.set(name, setTimeout(() => this.#update({ [name]: null }), ms))
  }

  stop() {
    this.#timers.forEach((timer) => clearTimeout(timer))
  }
}
