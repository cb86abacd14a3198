// Of several windows of one clerk, one is in the meeting: two would throw each other out for ever.
// The browser itself says which one; when that one closes, the next one takes its place.
// @ts-check
import { stageOf } from "./models/queue.js"

const NAME = "oac-meeting"
/** The window in which the clerk works comes first. */
const UNFOCUSED_MS = 500

export class Owner {
  #desk
  #locks
  #isWanted = false
  #turn = 0
  #free = () => {}

  /** Puts into the state of `desk` whether this window `owns` the meeting; null while nobody knows. */
  constructor(desk, locks = globalThis.navigator.locks) {
    this.#desk = desk
    this.#locks = locks // missing on pages that are not secure, where no camera works either
    if (locks) desk.update({ owns: null })
  }

  follow({ server, isSignedOut }) {
    const isWanted = !isSignedOut && ["called", "meeting"].includes(stageOf(server))
    if (!this.#locks || isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    if (!isWanted) return this.stop()
    const turn = (this.#turn += 1)
    setTimeout(() => turn === this.#turn && this.#ask({ ifAvailable: true }), document.hasFocus() ? 0 : UNFOCUSED_MS)
  }

  /** The clerk wants to work here: whichever window is in the meeting leaves it. */
  take() {
    this.#turn += 1
    return this.#ask({ steal: true })
  }

  stop() {
    this.#turn += 1
    this.#free()
    this.#desk.update({ owns: null })
  }

  async #ask(how) {
    const turn = this.#turn
    try {
      await this.#locks.request(NAME, how, (lock) => this.#answered(lock, turn))
    } catch (error) {
      if (turn !== this.#turn) return
      if (error.name === "AbortError") this.#wait() // somebody works in another window now
      else this.#desk.update({ owns: true }) // a browser that keeps no locks here
    }
  }

  #answered(lock, turn) {
    if (turn !== this.#turn) return undefined
    if (!lock) return void this.#wait()
    this.#desk.update({ owns: true })
    return new Promise((free) => (this.#free = () => free(undefined)))
  }

  #wait() {
    this.#turn += 1
    this.#desk.update({ owns: false })
    this.#ask({})
  }
}
