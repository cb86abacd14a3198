// Speaks with the other side through the bridge: who is there, in which incarnation, what it says.
// An epoch names one incarnation of one side. Everything said carries the speaker's epoch and the one
// it is meant for, so that what was said to a page that has been reloaded since does no harm.
// @ts-check
import { newIntent } from "../lib/api.js"

const ANNOUNCE_AGAIN_MS = 2_000

export class Signalling {
  #socket
  #visit
  #side
  #hear
  #mine = newIntent()
  #theirs = null
  #retired = new Set()
  #announcedAt = -Infinity
  /** @type {Array<() => void>} */
  #endings = []

  /**
   * @param {{socket: any, join: any, hear: {
   *   there: (isPeerThere: boolean) => void, peer: (how: "new" | "first" | "same") => void,
   *   gone: () => void, signal: (signal: any) => void}}} how
   *   `socket` is a Link. `there` gets each announcement's answer, `peer` each arrival of the other.
   */
  constructor({ socket, join, hear }) {
    this.#socket = socket
    this.#visit = join.visit
    this.#side = join.side
    this.#hear = hear
  }

  get isLinked() {
    return this.#socket.isConnected
  }

  /** Listen, and say that this side is there: now and after every reconnection. */
  start() {
    this.#endings = [
      this.#socket.on("connect", () => this.announce()),
      this.#socket.on("meeting:peer", (message) => this.#peer(message)),
      this.#socket.on("meeting:signal", (message) => this.#signal(message)),
    ]
    return this.announce()
  }

  stop() {
    this.#endings.splice(0).forEach((end) => end())
    this.#socket.tell("meeting:left", { visit: this.#visit, epoch: this.#mine })
  }

  /** Become a new incarnation: the other side has to begin anew as well. */
  renew() {
    this.#mine = newIntent()
    return this.announce()
  }

  async announce() {
    this.#announcedAt = performance.now()
    const payload = { visit: this.#visit, epoch: this.#mine }
    const answer = await this.#socket.tell("meeting:joined", payload)
    if (answer?.ok && this.#endings.length) this.#hear.there(Boolean(answer.peer))
  }

  /** Say a session description or an ICE candidate. Lost when the link is away; it is said again. */
  say(kind, content) {
    const data = { [kind]: { ...content, epoch: this.#mine, to: this.#theirs } }
    return this.#socket.tell("meeting:signal", { visit: this.#visit, data })
  }

  #peer({ visit, side, is_there: isThere, epoch }) {
    if (visit !== this.#visit || side === this.#side) return
    if (isThere) this.#hear.peer(this.#meet(epoch))
    // The end of an incarnation that was followed by another one is no news.
    else if (!epoch || epoch === this.#theirs) this.#hear.gone()
  }

  #signal({ visit, from, data }) {
    if (visit !== this.#visit || from === this.#side) return
    const said = data?.description ?? data?.candidate
    if (!said || this.#retired.has(said.epoch)) return
    if (said.to && said.to !== this.#mine) return this.#introduce()
    const { description, candidate } = data
    this.#hear.signal({ description, candidate, isNew: this.#meet(said.epoch) === "new" })
  }

  /** The other speaks to an earlier incarnation of this side: it has missed the new one. */
  #introduce() {
    if (performance.now() - this.#announcedAt > ANNOUNCE_AGAIN_MS) this.announce()
  }

  #meet(epoch) {
    if (!epoch || epoch === this.#theirs) return "same"
    const how = this.#theirs ? "new" : "first"
    if (this.#theirs) this.#retired.add(this.#theirs)
    this.#theirs = epoch
    return how
  }
}
