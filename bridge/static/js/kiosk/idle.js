// Notices that nobody is there. Pure: moments in milliseconds come in.
// @ts-check

/** What was chosen and not sent vanishes after this long without a touch (rule R8). */
export const IDLE_MS = 45_000
/** For the last part of it, the seconds left are on the screen. */
export const WARNING_MS = 10_000

/** Since when nobody has touched the screen. */
export class Idle {
  #touchedAt

  constructor(now) {
    this.#touchedAt = now
  }

  touch(now) {
    this.#touchedAt = now
  }

  /** `{isOver, secondsLeft}`; `secondsLeft` is null until the warning begins. */
  look(now) {
    // A clock that was set back must not keep a stranger's choices on the screen.
    if (now < this.#touchedAt) this.#touchedAt = now
    const left = IDLE_MS - (now - this.#touchedAt)
    if (left <= 0) return { isOver: true, secondsLeft: 0 }
    return { isOver: false, secondsLeft: left <= WARNING_MS ? Math.ceil(left / 1000) : null }
  }
}
