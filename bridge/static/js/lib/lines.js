// Real-time text: what each side has written so far, and when a letter goes out. Pure.
// @ts-check

/** Letters go out this long after the first of them: well within the 500 ms of EN 301 549 6.2.4. */
export const SEND_AFTER_MS = 250
export const LINE_CAP = 500
const KEPT = 50

/** The lines of a conversation, in the order in which they were begun. */
export class Lines {
  /** @type {Array<{side: string, line: number, text: string, isEnded: boolean}>} */
  #lines = []

  get all() {
    return this.#lines
  }

  /** Take one side's line as it is now: the whole line, so that a lost message mends itself. */
  put({ side, line, text, isEnded }) {
    const known = this.#lines.find((other) => other.side === side && other.line === line)
    const next = { side, line, text: String(text).slice(0, LINE_CAP), isEnded: Boolean(isEnded) }
    if (known) this.#lines = this.#lines.map((other) => (other === known ? next : other))
    else this.#lines = [...this.#lines, next].slice(-KEPT)
  }

  /** The number of the next line of a side: after a reload it must not overwrite earlier ones. */
  nextOf(side) {
    return Math.max(-1, ...this.#lines.filter((line) => line.side === side).map((one) => one.line)) + 1
  }
}

/** Sends the newest text at most every SEND_AFTER_MS, and never keeps a letter longer than that. */
export class Sender {
  #send
  #timer = null
  #message = null

  constructor(send) {
    this.#send = send
  }

  /** Send soon; what is typed meanwhile goes with it. */
  type(message) {
    this.#message = message
    this.#timer ??= setTimeout(() => this.flush(), SEND_AFTER_MS)
  }

  /** Send now what has not been sent. */
  flush() {
    clearTimeout(this.#timer)
    this.#timer = null
    const message = this.#message
    this.#message = null
    if (message) this.#send(message)
  }
}
