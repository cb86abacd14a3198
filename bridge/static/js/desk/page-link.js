// What the panel says to the page around it when that is the meeting server's, and what it hears
// from there. Nobody else is told or heard; docs/meeting-page.md lists the messages.
// @ts-check

export class PageLink {
  #window
  #meeting
  #heard = new Map()

  /** `meeting` is the meeting server's origin; without one nothing is said or heard. */
  constructor(meeting, window = globalThis.window) {
    this.#window = window
    this.#meeting = meeting
    if (this.isBeside) window.addEventListener("message", (event) => this.#hear(event))
  }

  /** Whether there is a page around this one, and whose it may be is known. */
  get isBeside() {
    return Boolean(this.#meeting) && this.#window.parent !== this.#window
  }

  /** Do something about the messages of a type. */
  on(type, handler) {
    this.#heard.set(type, handler)
  }

  send(type, facts = {}) {
    if (this.isBeside) this.#window.parent.postMessage({ oac: 1, type, ...facts }, this.#meeting)
  }

  #hear({ origin, source, data }) {
    if (origin !== this.#meeting || source !== this.#window.parent || data?.oac !== 1) return
    this.#heard.get(data.type)?.(data)
  }
}
