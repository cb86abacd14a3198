// Tells a free clerk that somebody has begun to wait: a soft sound, and the number in the tab's title.
// @ts-check
import { Chime } from "../lib/chime.js"
import { arrivals, waitingRows } from "./models/queue.js"

/** The clerk hears it through the headset: softer than the hall. */
const LOUDNESS = 0.08
/** Kept for this tab and no longer. */
const KEPT_AS = "oac-bell"

/** Follows the state of a `Desk`. */
export class Bell {
  #desk
  #chime = new Chime(undefined, { loudness: LOUDNESS })
  #title = document.title
  #server = null

  constructor(desk) {
    this.#desk = desk
    desk.update({ isMuted: sessionStorage.getItem(KEPT_AS) === "muted" })
  }

  /** The page was touched: from now on it may sound. */
  allow() {
    this.#chime.allow()
  }

  turn() {
    const isMuted = !this.#desk.state.isMuted
    sessionStorage.setItem(KEPT_AS, isMuted ? "muted" : "on")
    this.#desk.update({ isMuted })
  }

  follow({ server, isSignedOut, isMuted }) {
    if (server === this.#server && !isSignedOut) return
    const isNews = arrivals(this.#server, server).length > 0
    this.#server = server
    const count = isSignedOut ? 0 : waitingRows(server?.queue).length
    document.title = count ? `(${count}) ${this.#title}` : this.#title
    if (isNews && !isMuted && !isSignedOut) this.#chime.ring()
  }
}
