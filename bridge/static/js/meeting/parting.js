// Keeps a page as it is drawn until the meeting in it was left: a frame that goes first never hangs up,
// and who sat in it stays in the room as a ghost.
// @ts-check

export class Parting {
  #page
  #drawn = null
  #kept = null

  /** @param {any} page an OacElement with an <oac-meeting> somewhere in it */
  constructor(page) {
    this.#page = page
  }

  /** What is to be drawn: `state`, or what was drawn last while the meeting is being left. */
  shown(state) {
    if (!this.#kept) this.#drawn = state
    return this.#kept ?? state
  }

  /** Leave the meeting, if there is one; it takes a moment, and two seconds at most. */
  begin() {
    const meeting = this.#page.querySelector("oac-meeting")
    if (this.#kept || !meeting?.isSeated) return
    this.#kept = this.#drawn
    const done = () => {
      this.#kept = null
      this.#page.requestDraw()
    }
    meeting.addEventListener("meeting-left", done, { once: true })
    meeting.join = null
  }
}
