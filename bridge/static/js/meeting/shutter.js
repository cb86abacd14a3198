// Says on the citizen's screen that the clerk's camera is off: a black picture says nothing by itself.
// By the bridge, because a Jitsi server tells it to those alone who are in the room at that moment.
// @ts-check

export class Shutter {
  #socket
  #visit
  #isClerk
  #isDark = false
  /** @type {Array<() => void>} */
  #endings = []

  /** @param {{socket: any, join: any, show: (isPeerDark: boolean) => void}} how `socket` is a Link */
  constructor({ socket, join, show }) {
    this.#socket = socket
    this.#visit = join.visit
    this.#isClerk = join.side === "clerk"
    if (!socket) return
    this.#endings = this.#isClerk
      ? [socket.on("meeting:peer", ({ visit, is_there: isThere }) => visit === join.visit && isThere && this.#tell())]
      : [socket.on("meeting:signal", ({ visit, data }) => visit === join.visit && "dark" in (data ?? {}) && show(data.dark === true))]
    this.#tell() // a page that begins anew has its camera on
  }

  /** This side's camera is off, or on again. */
  is(isDark) {
    if (isDark === this.#isDark) return
    this.#isDark = isDark
    this.#tell()
  }

  stop() {
    this.#endings.splice(0).forEach((end) => end())
  }

  #tell() {
    if (this.#isClerk) this.#socket?.tell("meeting:signal", { visit: this.#visit, data: { dark: this.#isDark } })
  }
}
