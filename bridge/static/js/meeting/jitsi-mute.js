// Camera and microphone of this side in Jitsi's page: off while paused, otherwise on, also when its
// page came back with everything off. What the clerk switched off stays off, in the next frame as well.
// @ts-check

/** A device takes its time to be on; until then the page still says that it is off. */
const SETTLE_MS = 2_000
const KINDS = Object.freeze([
  ["isAudioMuted", "toggleAudio"],
  ["isVideoMuted", "toggleVideo"],
])

export class JitsiMute {
  #frame
  #wants
  #mayChoose
  /** What was last asked for, and when, in the order of KINDS. */
  #asked = KINDS.map(() => ({ isMuted: false, at: -Infinity }))
  #since = Infinity
  #timer = null
  #isOver = false

  /**
   * @param {any} frame
   * @param {{wants: {isPaused: boolean, isOff: boolean[]}, mayChoose: boolean}} how
   *   `isOff`: sound and picture, as somebody chose; the citizen has no buttons for it
   */
  constructor(frame, { wants, mayChoose }) {
    this.#frame = frame
    this.#wants = wants
    this.#mayChoose = mayChoose
  }

  /** The room was joined: with what is on, is seen at once, and once more when devices are there. */
  begin() {
    this.#since = performance.now()
    this.apply()
    this.#applySoon()
  }

  /** Toggle what is not as wanted, now or once Jitsi's page says how it is. */
  async apply() {
    const told = await Promise.allSettled(KINDS.map(([question]) => this.#frame.ask(question)))
    if (this.#isOver) return
    told.forEach((one, n) => one.status === "fulfilled" && this.#settle(n, one.value))
    if (told.some(({ status }) => status === "rejected")) this.#applySoon()
  }

  /** Jitsi's page says that sound (0) or picture (1) went off or on. */
  changed(n, isMuted) {
    const now = performance.now()
    if (now < this.#since || now - this.#asked[n].at < SETTLE_MS) return
    const isChosen = this.#mayChoose && !this.#wants.isPaused && now - this.#since >= SETTLE_MS
    if (isChosen) this.#wants.isOff[n] = isMuted
    else this.#applySoon()
  }

  stop() {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #applySoon() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.apply(), SETTLE_MS)
  }

  #settle(n, isTold) {
    const [now, asked] = [performance.now(), this.#asked[n]]
    const wanted = this.#wants.isPaused || this.#wants.isOff[n]
    const isMuted = now - asked.at < SETTLE_MS ? asked.isMuted : isTold
    if (isMuted === wanted) return
    this.#frame.command(KINDS[n][1])
    this.#asked[n] = { isMuted: wanted, at: now }
  }
}
