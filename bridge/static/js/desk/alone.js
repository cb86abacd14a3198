// The panel without a desk around it: its own state and bell, and the page that it stands beside.
// @ts-check
import { actsOf } from "./acts.js"
import { Bell } from "./bell.js"
import { BesideMeeting } from "./beside.js"
import { PageLink } from "./page-link.js"
import { Desk } from "./store.js"

export class Alone {
  desk = new Desk()
  acts
  isBeside
  #bell = new Bell(this.desk)
  #beside

  /** `meeting` is the meeting server's origin, `search` the query of this page's address. */
  constructor({ meeting, search }) {
    const page = new PageLink(meeting)
    this.isBeside = page.isBeside
    this.acts = { ...actsOf(this.desk), turnBell: () => this.#bell.turn() }
    const here = new URLSearchParams(search).get("visit")
    this.#beside = page.isBeside ? new BesideMeeting(this.desk, { page, here, acts: this.acts }) : null
  }

  start() {
    this.desk.watch((state) => {
      this.#bell.follow(state)
      this.#beside?.follow(state)
    })
    this.#beside?.start()
    this.desk.start()
  }

  touched() {
    this.#bell.allow()
  }

  stop() {
    this.#beside?.stop()
    this.desk.stop()
  }
}
