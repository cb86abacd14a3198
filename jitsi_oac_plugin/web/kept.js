// The token of the visit in this tab's own storage: Jitsi takes it out of the address, and a reload
// would stand before a box for a password. Cleared when the visit ends.
// @ts-check

const NAME = "oac-meeting"

export class Kept {
  #storage

  /** @param {Storage} storage the tab's own */
  constructor(storage) {
    this.#storage = storage
  }

  keep({ room, token, language }) {
    try {
      this.#storage.setItem(NAME, JSON.stringify({ room, token, language }))
    } catch {
      // Without storage a reload goes by the desk instead.
    }
  }

  /** What is kept for `room`, or null. */
  of(room) {
    try {
      const found = JSON.parse(this.#storage.getItem(NAME) ?? "null")
      return found?.room === room ? found : null
    } catch {
      return null
    }
  }

  clear() {
    try {
      this.#storage.removeItem(NAME)
    } catch {
      // Nothing could be kept there either.
    }
  }
}
