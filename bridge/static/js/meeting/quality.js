// Watches what arrives from the other side and says when a person should know: a picture that
// stutters, no sound. `look` is pure: figures and the time come in.
// @ts-check

/** Lips and signs cannot be read below this; EN 301 549, 6.5.3 asks for 20, and one dip is none. */
export const LEAST_FPS = 15
/** How long it may be bad before it is said, and how long it must be well before it is unsaid. */
const PICTURE_MS = 5_000
const NO_SOUND_MS = 5_000
const WELL_MS = 3_000
/** A room is never this still: a microphone that gives nothing at all is switched off. */
const STILL_MS = 30_000

/** Keeps what was seen last; `look()` answers the keys of what is wrong now. */
export class Quality {
  #last = null
  #picture = new Trouble(PICTURE_MS)
  #packets = new Trouble(NO_SOUND_MS)
  #energy = new Trouble(STILL_MS)

  /**
   * @param {{now: number, figures: {framesDecoded: number | null, audioPackets: number | null,
   *   audioEnergy: number | null}}} facts milliseconds, and counters that only grow
   * @returns {string[]} `picture-stutters`, `no-sound`
   */
  look({ now, figures }) {
    const last = this.#last
    this.#last = { now, figures }
    if (!last || now <= last.now) return []
    const grown = (name) => (figures[name] === null || last.figures[name] === null ? null : figures[name] - last.figures[name])
    const frames = grown("framesDecoded")
    // Before the first picture there is nothing to stutter: the other may have no camera.
    const fps = figures.framesDecoded && frames !== null ? (frames * 1000) / (now - last.now) : null
    const stutters = this.#picture.is(fps !== null && fps < LEAST_FPS, now)
    const isMute = figures.framesDecoded !== null && figures.audioPackets === null
    const isCut = this.#packets.is(isMute || grown("audioPackets") === 0, now)
    const isStill = this.#energy.is(grown("audioEnergy") === 0, now)
    return [stutters && "picture-stutters", (isCut || isStill) && "no-sound"].filter(Boolean)
  }

  /** `look` while somebody is to be told (EN 301 549, 6.5): the clerk; the citizen has other cares. */
  async watch({ join, meeting, isPaused }, stats) {
    const isWatched = join?.side === "clerk" && meeting === "connected" && !isPaused && !document.hidden
    if (isWatched) return this.look({ now: performance.now(), figures: await stats() })
    this.reset()
    return []
  }

  /** Begin anew: what was before the break says nothing about what comes after it. */
  reset() {
    this.#last = null
    for (const trouble of [this.#picture, this.#packets, this.#energy]) trouble.reset()
  }
}

/** One thing that may be wrong: told after `patience`, taken back after it was well for a while. */
class Trouble {
  #patience
  #isTold = false
  #since = null

  constructor(patience) {
    this.#patience = patience
  }

  is(isBad, now) {
    if (isBad === this.#isTold) this.#since = null
    else {
      this.#since ??= now
      if (now - this.#since >= (isBad ? this.#patience : WELL_MS)) {
        this.#isTold = isBad
        this.#since = null
      }
    }
    return this.#isTold
  }

  reset() {
    this.#isTold = false
    this.#since = null
  }
}
