// Decides what to do about a meeting without a picture: when to mend, when to begin anew. Pure.
// @ts-check

/** How long a new connection may take, and how long a disturbance may last, before anything is done. */
const PATIENCE_MS = 5_000
const DISTURBANCE_MS = 1_500
/** Waits after the first, second … attempt; the last one repeats. */
const BACK_OFF_MS = Object.freeze([2_000, 4_000, 8_000])
/** ICE restarts before the connection is thrown away, and attempts before it is called failed. */
const MENDINGS = 3
const HOPELESS = 6
const ALONE_MS = 8_000

/** The wait before attempt `n + 1`, counted from 1, out of a list whose last entry repeats. */
export function waitAfter(n, waits = BACK_OFF_MS) {
  return waits[Math.min(n, waits.length) - 1]
}

/** Looks at the connection now and then and says what is due: `announce`, `mend`, `rebuild` or null. */
export class Recovery {
  #wasConnected = false
  #attempt = 0
  #dueAt = null

  /** True once it was tried so often that a person should know. */
  get isHopeless() {
    return this.#attempt >= HOPELESS
  }

  /** True when there was a picture before. */
  get wasConnected() {
    return this.#wasConnected
  }

  /** A new connection is being made: it gets its time, however often others were tried before it. */
  began(now) {
    if (this.#dueAt !== null) this.#dueAt = Math.max(this.#dueAt, now + PATIENCE_MS)
  }

  /** The network came back, or somebody looks at the page again: do what is due at once. */
  hurry(now) {
    if (this.#dueAt !== null) this.#dueAt = Math.min(this.#dueAt, now)
  }

  /**
   * @param {{now: number, connection: string, isLinked: boolean, isPeerThere: boolean}} facts
   *   `connection` is RTCPeerConnection's connectionState, `new` when there is none.
   */
  look({ now, connection, isLinked, isPeerThere }) {
    if (connection === "connected") return this.#rest()
    this.#dueAt ??= now + this.#firstWait(connection)
    if (connection === "failed" && this.#attempt === 0) this.#dueAt = Math.min(this.#dueAt, now)
    if (now < this.#dueAt || !isLinked) return null
    if (!isPeerThere) {
      this.#dueAt = now + ALONE_MS
      return "announce"
    }
    this.#attempt += 1
    this.#dueAt = now + waitAfter(this.#attempt)
    return this.#attempt <= MENDINGS ? "mend" : "rebuild"
  }

  #rest() {
    this.#wasConnected = true
    this.#attempt = 0
    this.#dueAt = null
    return null
  }

  #firstWait(connection) {
    return connection === "disconnected" ? DISTURBANCE_MS : PATIENCE_MS
  }
}
