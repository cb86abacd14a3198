// Puts the panel beside the meeting: a frame at the edge, and Jitsi told that its window is narrower.
// @ts-check

const LEAST_PX = 340
const MOST_PX = 420
const SHARE = 0.28
const SILENCE_MS = 15_000
const AGAIN_MS = 30_000
const SHEET = new URL("./oac-meeting.css", import.meta.url).href

/** How wide the panel is beside a page of this width. Pure. */
export function panelWidth(pagePx) {
  return Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, pagePx * SHARE)))
}

export class Beside {
  /** Called when the panel has not answered for the first time. */
  onSilence = () => {}
  /** @type {HTMLIFrameElement | null} */
  frame = null
  #window
  #address
  #timer = null
  #isShown = false
  #wasSilent = false
  #undo = () => {}

  constructor({ window, address }) {
    this.#window = window
    this.#address = address
  }

  /** Load the panel out of sight; a browser's error page is no panel. */
  start() {
    const { document } = this.#window
    if (!document.querySelector(`link[href="${SHEET}"]`)) document.head.append(sheet(document))
    this.frame = document.createElement("iframe")
    this.frame.className = "oac-panel"
    this.frame.src = this.#address
    this.frame.allow = "autoplay"
    document.body.append(this.frame)
    this.#timer = setTimeout(() => this.#silent(), SILENCE_MS)
  }

  /** The panel has said that it is there. */
  show(title) {
    clearTimeout(this.#timer)
    if (this.frame && title) this.frame.title = String(title)
    if (this.#isShown) return
    this.#isShown = true
    this.#undo = narrow(this.#window)
  }

  remove() {
    clearTimeout(this.#timer)
    this.frame?.remove()
    this.frame = null
    this.#isShown = false
    this.#undo()
  }

  #silent() {
    this.remove()
    if (!this.#wasSilent) this.onSilence()
    this.#wasSilent = true
    this.#timer = setTimeout(() => this.start(), AGAIN_MS)
  }
}

/** Make Jitsi lay itself out in what is left; answers the function that undoes it. */
function narrow(window) {
  const { documentElement: root } = window.document
  const width = () => panelWidth(root.clientWidth)
  const own = Object.getOwnPropertyDescriptor(window, "innerWidth")
  const fit = () => root.style.setProperty("--oac-width", `${width()}px`)
  Object.defineProperty(window, "innerWidth", { configurable: true, get: () => root.clientWidth - width() })
  window.addEventListener("resize", fit)
  root.classList.add("oac")
  fit()
  window.dispatchEvent(new Event("resize"))
  return () => {
    window.removeEventListener("resize", fit)
    root.classList.remove("oac")
    if (own) Object.defineProperty(window, "innerWidth", own)
    window.dispatchEvent(new Event("resize"))
  }
}

function sheet(document) {
  return Object.assign(document.createElement("link"), { rel: "stylesheet", href: SHEET })
}
