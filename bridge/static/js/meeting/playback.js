// Plays the other's picture. A browser may refuse sound before the page was touched: then the
// picture comes without it, and a touch brings it.
// @ts-check

export class Playback {
  #video = null
  #stream = null
  #silence

  /** @param {(isSilenced: boolean) => void} silence told when sound was refused, and when it came */
  constructor(silence) {
    this.#silence = silence
  }

  /** Play what the video shows now, if that is new. */
  async follow(video) {
    const stream = video?.srcObject ?? null
    if (video === this.#video && stream === this.#stream) return
    this.#video = video
    this.#stream = stream
    if (!stream) return
    try {
      await video.play()
    } catch (error) {
      if (error?.name !== "NotAllowedError") return // replaced by a newer picture meanwhile
      video.muted = true
      this.#silence(true)
      await video.play().catch(() => {}) // no picture either: the button is there
    }
  }

  /** Only with the touch itself may a browser let the sound begin. */
  sound() {
    this.#video.muted = false
    this.#silence(false)
    return this.#video.play().catch(() => {})
  }
}
