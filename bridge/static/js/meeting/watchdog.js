// Decides what is due for a meeting on a Jitsi server: its page reloads itself with an old token, or
// dies without a word. Knows no page and no clock but the moments it is given. Pure.
// @ts-check
import { waitBefore } from "./waits.js"

/** Within this the frame says something, or it is opened again; on a slow line it takes three seconds. */
const JOIN_MS = 10_000
/** The page is there, and its browser may be asking somebody whether it may use the camera. */
const PERMIT_MS = 30_000
/** A page that is still loading says as little as one that never will. */
const LOADS_MS = 4_000
/** How long the page may take to give a way in, before the one at hand is used or it is asked again. */
const ASK_MS = 3_000
const PROBE_MS = 4_000
/** A frame with another page in it, as after a failed reload, says nothing at all. */
const PROBES_FAILED = 2
/** A picture may take as long as this after the other is there (7 s after a ghost was removed). */
const PICTURE_MS = 15_000
/** Rejoining is tried so often against a black picture; then there may be no camera at all. */
const PICTURE_REJOINS = 2
/** A meeting that held as long as this is well: what comes next is a new trouble. */
const WELL_MS = 20_000
/** A token is renewed when that much of its life is left, and never later than this before its end. */
const RENEW_AT = 0.5
const RENEW_MS = 60_000
/** Longer without a look, and the page slept: nobody was late meanwhile. */
const SLEPT_MS = 8_000
const HURRY_MS = 400
const HOPELESS = 4
const REFUSED_HOPELESS = 3

/** Says by `look()` what to do: `ask` for a way in, `enter`, `fail`, `probe`, or null. */
export class Watchdog {
  #random
  #phase = "out" // out: until its turn; asking: for a way in; entering; in
  #since = 0
  #dueAt = 0
  #lastLook = null
  #attempt = 0
  #cause = "lost"
  #renewAt = Infinity
  #validUntil = 0
  #probeAt = 0
  #unanswered = 0
  #blackSince = null
  #blackRejoins = 0
  #isHeard = false

  /** @param {{random?: () => number}} how `random` as Math.random, for the jitter */
  constructor({ random = Math.random } = {}) {
    this.#random = random
  }

  get cause() {
    return this.#cause
  }

  /** True when this is not the first opening. */
  get hasFailed() {
    return this.#attempt > 0
  }

  get isIn() {
    return this.#phase === "in"
  }

  /** True once it was tried so often that a person should know. */
  get isHopeless() {
    return this.#attempt >= (this.#isTurnedAway ? REFUSED_HOPELESS : HOPELESS)
  }

  /** True when the other is there and rejoining did not bring a picture. */
  get isBlackForGood() {
    return this.#blackRejoins >= PICTURE_REJOINS && this.#blackSince !== null
  }

  /** A way in came, good for `validMs`; true when it was waited for. */
  gotJoin(now, validMs = Infinity) {
    this.#validUntil = now + validMs
    this.#renewAt = now + Math.max(Math.min(validMs * RENEW_AT, validMs - RENEW_MS), validMs / 4)
    return this.#phase === "asking"
  }

  /** The frame is being opened. */
  entering(now) {
    this.#go("entering", now)
    this.#isHeard = false
  }

  /** The frame said something: it is Jitsi's page that is in it. */
  heard() {
    this.#isHeard = true
    this.#unanswered = 0
  }

  joined(now) {
    this.#go("in", now)
    this.#probeAt = now + PROBE_MS
    this.#blackSince = null
  }

  /** The frame did not answer a probe in time. */
  unanswered() {
    this.#unanswered += 1
  }

  /** What arrives: true moves, false is black, null is not known or not to be expected. */
  picture(now, moves) {
    if (moves === false) this.#blackSince ??= now
    else this.#blackSince = null
    if (moves) this.#blackRejoins = 0
  }

  /** It broke off, for `cause` as in causes.js. */
  failed(now, cause) {
    if (this.#phase === "in" && now - this.#since >= WELL_MS) this.#attempt = 0
    this.#attempt += 1
    this.#cause = cause
    this.#go("out", now)
    this.#dueAt = now + waitBefore(this.#attempt, { isTurnedAway: this.#isTurnedAway, random: this.#random() })
  }

  /** The network or the bridge is back, or somebody looks at the page again: no more waiting. */
  hurry(now) {
    const soon = now + HURRY_MS * this.#random()
    if (this.#phase === "out" && !this.#isTurnedAway) this.#dueAt = Math.min(this.#dueAt, soon)
    if (this.#phase === "asking") this.#since = -Infinity
    // Opened into nothing it stays empty, however long one waits.
    const isLoaded = now - this.#since >= LOADS_MS
    if (this.#phase === "entering" && isLoaded && !this.#isHeard) this.#since = -Infinity
    if (this.#phase === "in") this.#probeAt = Math.min(this.#probeAt, now)
  }

  /**
   * `isSeen`: somebody works in this page, or nobody has to; of two pages of one person, which throw
   * each other out, the other one yields.
   * @returns {"ask" | "enter" | "probe" | "fail" | null} for `fail`, the cause is `silent`
   */
  look(now, { isSeen = true } = {}) {
    this.#wake(now)
    const due = { out: this.#out, asking: this.#asking, entering: this.#entering, in: this.#in }[this.#phase]
    return due.call(this, now, isSeen)
  }

  #out(now, isSeen) {
    if (now < this.#dueAt || (this.#cause === "removed" && !isSeen)) return null
    this.#go("asking", now)
    return "ask"
  }

  #asking(now) {
    if (now - this.#since < ASK_MS) return null
    // The bridge is away as well; what was renewed in time is still good.
    if (this.#since > -Infinity && this.#validUntil > now && !this.#isTurnedAway) return "enter"
    this.#since = now
    return "ask"
  }

  #entering(now) {
    return now - this.#since >= (this.#isHeard ? PERMIT_MS : JOIN_MS) ? "fail" : null
  }

  #in(now) {
    if (this.#unanswered >= PROBES_FAILED) return "fail"
    if (this.#isTooBlack(now)) {
      this.#blackRejoins += 1
      return "fail"
    }
    if (now >= this.#renewAt) {
      this.#renewAt = now + JOIN_MS
      return "ask"
    }
    if (now < this.#probeAt) return null
    this.#probeAt = now + PROBE_MS
    return "probe"
  }

  #isTooBlack(now) {
    return this.#blackSince !== null && now - this.#blackSince >= PICTURE_MS && this.#blackRejoins < PICTURE_REJOINS
  }

  get #isTurnedAway() {
    return ["refused", "removed", "closed"].includes(this.#cause)
  }

  #wake(now) {
    const slept = this.#lastLook === null ? 0 : now - this.#lastLook
    this.#lastLook = now
    if (slept < SLEPT_MS) return
    this.#since += slept
    if (this.#blackSince !== null) this.#blackSince += slept
  }

  #go(phase, now) {
    this.#phase = phase
    this.#since = now
    this.#unanswered = 0
  }
}
