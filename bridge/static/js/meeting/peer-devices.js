// Says on the citizen's screen that the clerk's camera or microphone is off: a black picture and a
// silence say nothing by themselves. By the bridge, because a Jitsi server tells it to those alone
// who are in the room at that moment.
// @ts-check
import { KINDS } from "./own-devices.js"

export class PeerDevices {
  #socket
  #visit
  #isClerk
  #off = []
  #meeting = ""
  /** @type {Array<() => void>} */
  #endings = []

  /** @param {{socket: any, join: any, show: (peerOff: string[]) => void}} how `socket` is a Link */
  constructor({ socket, join, show }) {
    this.#socket = socket
    this.#visit = join.visit
    this.#isClerk = join.side === "clerk"
    if (!socket) return
    this.#endings = this.#isClerk
      ? [socket.on("meeting:peer", ({ visit, is_there: isThere }) => visit === join.visit && isThere && this.#tell())]
      : [socket.on("meeting:signal", ({ visit, data }) => visit === join.visit && Array.isArray(data?.off) && show(KINDS.filter((kind) => data.off.includes(kind))))]
    this.#tell() // a page that begins anew has everything on
  }

  /** What of this side is off now, told when it changes and when the meeting comes about anew. */
  are(off, meeting) {
    if (String(off) === String(this.#off) && meeting === this.#meeting) return
    this.#off = off
    this.#meeting = meeting
    this.#tell()
  }

  stop() {
    this.#endings.splice(0).forEach((end) => end())
  }

  #tell() {
    if (this.#isClerk) this.#socket?.tell("meeting:signal", { visit: this.#visit, data: { off: this.#off } })
  }
}
