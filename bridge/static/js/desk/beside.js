// The panel beside the meeting in Jitsi's own page: tells that page which buttons it needs, where it
// has to be and with which token, and does what is pressed there.
// @ts-check
import { language } from "../lib/gettext.js"
import { Attendance } from "../meeting/attendance.js"
import { buttonOf } from "../meeting/jitsi-config.js"
import { moveOf, toolbarOf } from "./models/places.js"
import { stageOf } from "./models/queue.js"
import { Seat } from "./seat.js"
import { buttonsOf } from "./views/in-meeting.js"

/** A token is renewed when half of its time is over: a reload finds a good one. */
const SHARE = 0.5
const LEAST_MS = 30_000

/** Follows a `Desk` for the page around the panel, which is in the meeting of the visit `here`. */
export class BesideMeeting {
  #desk
  #page
  #here
  #acts
  #seat
  #timer = null
  #join = null
  #said = ""
  #isMoving = false
  /** As the page was told; null: not yet, and it may still be silent from before a reload of this panel. */
  #isPaused = null

  constructor(desk, { page, here, acts }) {
    this.#desk = desk
    this.#page = page
    this.#here = here || null
    this.#acts = acts
    this.#seat = new Seat(desk)
    const attendance = new Attendance({ socket: desk.link, visit: here, back: () => {} })
    page.on("joined", () => attendance.joined())
    page.on("left", () => attendance.left())
    page.on("clicked", ({ key }) => this.#clicked(String(key)))
  }

  start() {
    this.#page.send("hello", { title: document.title })
  }

  stop() {
    clearTimeout(this.#timer)
    this.#seat.leave()
  }

  follow(state) {
    if (this.#isMoving) return
    this.#seat.follow(state)
    const move = moveOf(state, this.#here)
    if (move !== "stay") return this.#move(move, state.join)
    if (!this.#isHere(state)) return
    this.#equip(state.server.visit)
    this.#pause(state.server.visit.is_paused)
    if (state.join !== this.#join) this.#renew(state.join)
  }

  #isHere({ server, isSignedOut }) {
    return !isSignedOut && Boolean(this.#here) && stageOf(server) === "meeting" && server.visit.id === this.#here
  }

  #move(move, join) {
    this.#isMoving = true
    clearTimeout(this.#timer)
    if (move === "enter") this.#page.send("enter", wayIn(join))
    else this.#page.send("leave")
  }

  #equip(visit) {
    const config = toolbarOf(buttonsOf(visit))
    const said = JSON.stringify(config)
    if (said === this.#said) return
    this.#said = said
    this.#page.send("configure", { config })
  }

  #pause(isPaused) {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#page.send("pause", { isPaused })
  }

  #renew(join) {
    this.#join = join
    clearTimeout(this.#timer)
    if (!join) return
    this.#page.send("token", wayIn(join))
    const left = Date.parse(join.expires_at) - this.#desk.now
    this.#timer = setTimeout(() => this.#seat.renew(), Math.max(LEAST_MS, left * SHARE))
  }

  #clicked(key) {
    const { visit } = this.#desk.state.server ?? {}
    const id = visit && buttonOf(key, buttonsOf(visit))
    if (id) this.#acts.meetingButton({ detail: { id } })
  }
}

/** In the clerk's language: the token's own is the citizen's. */
function wayIn({ room, jwt }) {
  return { room, token: jwt, language: language() }
}
