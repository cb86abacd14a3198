// Two soft notes when somebody is called. They are made here: no file has to be there for them.
// @ts-check

/** Two notes that fall, E5 and C5, in Hz; each begins so many seconds after the first. */
const NOTES = [{ hertz: 659.26, after: 0 }, { hertz: 523.25, after: 0.32 }]
const LASTS_S = 0.9
const LOUDNESS = 0.25
/** An exponential curve can begin and end near silence, never at it. */
const SILENCE = 0.0001

/** Silent until `allow()` was called with a touch, without which a browser plays nothing. */
export class Chime {
  #Context
  #loudness
  /** @type {AudioContext | null} */
  #context = null

  /**
   * @param {any} Context the browser's AudioContext; where there is none, nothing ever sounds
   * @param {{loudness?: number}} how the peak of a note, 0 to 1
   */
  constructor(Context = globalThis.AudioContext, { loudness = LOUDNESS } = {}) {
    this.#Context = Context
    this.#loudness = loudness
  }

  /** Somebody touched the screen: from now on it may sound. */
  allow() {
    if (!this.#Context) return
    this.#context ??= new this.#Context()
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {})
  }

  /** Ring once; answers false where sound is not allowed. The screen says the same without it. */
  ring() {
    if (this.#context?.state !== "running") return false
    for (const note of NOTES) this.#play(note)
    return true
  }

  #play({ hertz, after }) {
    const context = this.#context
    const begin = context.currentTime + after
    const tone = new OscillatorNode(context, { type: "sine", frequency: hertz })
    const volume = new GainNode(context, { gain: SILENCE })
    volume.gain.setValueAtTime(SILENCE, begin)
    volume.gain.exponentialRampToValueAtTime(this.#loudness, begin + 0.03)
    volume.gain.exponentialRampToValueAtTime(SILENCE, begin + LASTS_S)
    tone.connect(volume).connect(context.destination)
    tone.start(begin)
    tone.stop(begin + LASTS_S)
  }
}
