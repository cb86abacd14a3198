// Tells the bridge that this side is in the meeting, as long as it is, and again after every break of
// the link. With a meeting server that reports itself this is a hint; without one it is all there is.
// @ts-check
import { newIntent } from "../lib/api.js"

export class Attendance {
  #socket
  #visit
  #epoch = null
  #end

  /** @param {{socket: any, visit: string, back: () => void}} how `back`: the link to the bridge is back */
  constructor({ socket, visit, back }) {
    this.#socket = socket
    this.#visit = visit
    this.#end = socket?.on("connect", () => {
      if (this.#epoch) this.#tell("meeting:joined")
      back()
    })
  }

  joined() {
    this.#epoch = newIntent()
    this.#tell("meeting:joined")
  }

  left() {
    if (this.#epoch) this.#tell("meeting:left")
    this.#epoch = null
  }

  stop() {
    this.left()
    this.#end?.()
  }

  #tell(event) {
    this.#socket?.tell(event, { visit: this.#visit, epoch: this.#epoch })
  }
}
