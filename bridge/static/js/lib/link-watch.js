// Decides when a lost link is worth a word: not for a blink, and not longer than it lasts.
// @ts-check

/** A socket that comes back sooner than this is nothing to tell anybody. */
const GRACE_MS = 3_000

/** Watches socket and requests; tells `lost` true or false when it changes. */
export class LinkWatch {
  #tell
  #timer = null
  #isSocketLost = false
  #isUnanswered = false

  /** @param {(isLost: boolean) => void} tell */
  constructor(tell) {
    this.#tell = tell
  }

  socket(isConnected) {
    if (isConnected) {
      this.stop()
      this.#isSocketLost = false
      this.#say()
      return
    }
    this.#timer ??= setTimeout(() => {
      this.#isSocketLost = true
      this.#say()
    }, GRACE_MS)
  }

  answered() {
    this.#isUnanswered = false
    this.#say()
  }

  unanswered() {
    this.#isUnanswered = true
    this.#say()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = null
  }

  #say() {
    this.#tell(this.#isSocketLost || this.#isUnanswered)
  }
}
