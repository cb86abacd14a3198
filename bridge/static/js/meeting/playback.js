// Plays the other's picture. A browser may refuse sound before the page was touched: then the
// picture comes without it, and a touch brings it.
// @ts-check

export class Playback {
  #video = null
  #silence

  /** @param {(isSilenced: boolean) => void} silence told when sound was refused, and when it came */
  constructor(silence) {
    this.#silence = silence
  }

  /** Show the stream in the video and play it, if that is new. */
  async follow(video, stream) {
    this.#video = video
    if (!put(video, stream) || !stream) return
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

/** Give a video its stream once; true if it was new. lit sets objects with every drawing, which makes
 *  a video begin anew each time. */
export function put(video, stream) {
  if (!video || video.srcObject === stream) return false
  video.srcObject = stream
  return true
}
