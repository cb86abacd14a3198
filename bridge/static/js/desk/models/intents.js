// Idempotency keys: one for each intent of the clerk, the same while its answer is not known. Pure.
// @ts-check

/** Keeps the key of a request that may or may not have arrived, until it is known which. */
export class Intents {
  #keys = new Map()
  #make

  /** @param {() => string} make a new key */
  constructor(make) {
    this.#make = make
  }

  /** The key for this body: a new one, or that of the same request that was not answered. */
  keyFor(path, body) {
    const name = `${path} ${JSON.stringify(body)}`
    if (!this.#keys.has(name)) this.#keys.set(name, this.#make())
    return { name, key: this.#keys.get(name) }
  }

  /** The request was answered, well or badly: pressing again is a new intent. */
  settle(name) {
    this.#keys.delete(name)
  }
}
