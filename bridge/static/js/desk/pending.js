// What the desk is about to do, as long as it can be taken back.
// @ts-check

export class Pending {
  #show
  /** By name: `{timer, act, due}`. */
  #waiting = new Map()
  #hastening = null

  /** @param {(pending: Record<string, number>) => void} show gets when each is due, by name */
  constructor(show) {
    this.#show = show
  }

  /** Do something after a moment. */
  later(name, ms, act) {
    if (this.#waiting.has(name)) return
    const timer = setTimeout(() => {
      this.keep(name)
      act()
    }, ms)
    this.#waiting.set(name, { timer, act, due: Date.now() + ms })
    this.#tell()
  }

  /** Take back what `later` was about to do. */
  keep(name) {
    clearTimeout(this.#waiting.get(name)?.timer)
    this.#waiting.delete(name)
    this.#tell()
  }

  keepAll() {
    for (const name of [...this.#waiting.keys()]) this.keep(name)
  }

  /**
   * Do now what waits under names that begin with `prefix`: for what cannot be done any more once
   * something else is. False when one of it was not done.
   */
  hasten(prefix) {
    this.#hastening ??= this.#hasten(prefix).finally(() => {
      this.#hastening = null
    })
    return this.#hastening
  }

  stop() {
    this.#waiting.forEach(({ timer }) => clearTimeout(timer))
  }

  async #hasten(prefix) {
    let areDone = true
    for (const [name, { act }] of [...this.#waiting].filter(([name]) => name.startsWith(prefix))) {
      this.keep(name)
      if (!(await act())) areDone = false
    }
    return areDone
  }

  #tell() {
    this.#show(Object.fromEntries([...this.#waiting].map(([name, { due }]) => [name, due])))
  }
}
