// The page's link to the bridge: Socket.IO that reconnects for ever, and a state that is asked
// for whole after every connect, after every `state:changed`, and now and then in any case.
// @ts-check
import { io } from "../../vendor/socket.io-client/socket.io.esm.min.js"
import { Refresher } from "./refresher.js"

const POLL_MS = 20_000
/** What one change tells a page in two messages is asked for once. */
const SETTLE_MS = 10
const ACKNOWLEDGEMENT_MS = 5_000
const RECONNECT_MAX_MS = 3_000

/** One page's link. `start()` opens it, `stop()` ends it and everything that listens on it. */
export class Link {
  #socket
  #refresher
  #onLink
  #timer = null
  #settling = null
  #retry = null

  /**
   * @param {{ask: () => Promise<any>, take: (state: any) => void, fail?: (error: any) => void,
   *          onLink?: (isConnected: boolean) => void, changed?: string[]}} how
   *   `ask`/`take`/`fail` as in Refresher; `changed` are the events that mean "ask again".
   */
  constructor({ ask, take, fail, onLink = () => {}, changed = ["state:changed"] }) {
    this.#refresher = new Refresher({ ask, take, fail })
    this.#onLink = onLink
    // A browser with both cookies, as in a trial on one machine, has to say which page this is.
    const auth = { page: location.pathname.startsWith("/kiosk/") ? "kiosk" : "staff" }
    this.#socket = io({ autoConnect: false, reconnectionDelayMax: RECONNECT_MAX_MS, auth })
    this.#socket.on("connect", () => this.#connected())
    this.#socket.on("disconnect", (reason) => this.#disconnected(reason))
    this.#socket.on("connect_error", () => this.#disconnected("error"))
    for (const event of changed) this.#socket.on(event, () => this.#refreshSoon())
  }

  get isConnected() {
    return this.#socket.connected
  }

  start() {
    this.#socket.connect()
    this.#timer = setInterval(() => this.refresh(), POLL_MS)
    this.refresh()
  }

  stop() {
    clearInterval(this.#timer)
    clearTimeout(this.#settling)
    clearTimeout(this.#retry)
    this.#socket.removeAllListeners()
    this.#socket.disconnect()
  }

  /** Ask for the whole state, coalesced. */
  refresh() {
    return this.#refresher.refresh()
  }

  /** Use the state that a POST answered with. */
  put(state) {
    this.#refresher.put(state)
  }

  /** Hear a pushed event; answers the function that ends it. */
  on(event, handler) {
    this.#socket.on(event, handler)
    return () => this.#socket.off(event, handler)
  }

  /** Say something and wait for the acknowledgement; null when none came in time. */
  async tell(event, payload) {
    if (!this.#socket.connected) return null // not buffered: what was meant then is not meant later
    try {
      return await this.#socket.timeout(ACKNOWLEDGEMENT_MS).emitWithAck(event, payload)
    } catch {
      return null
    }
  }

  #refreshSoon() {
    this.#settling ??= setTimeout(() => {
      this.#settling = null
      this.refresh()
    }, SETTLE_MS)
  }

  #connected() {
    this.#onLink(true)
    this.refresh()
  }

  #disconnected(reason) {
    this.#onLink(false)
    // A server that refuses or closes on purpose is not tried again by the library itself.
    if (!this.#socket.active && reason !== "io client disconnect") {
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#socket.connect(), RECONNECT_MAX_MS)
    }
  }
}
