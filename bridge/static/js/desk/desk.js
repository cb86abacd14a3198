// <oac-desk>: the clerk's page. Queue on the left, meeting in the middle, panel on the right.
// @ts-check
import "../meeting/meeting.js"
import "./panel.js"
import { html, OacElement } from "../lib/element.js"
import { Parting } from "../meeting/parting.js"
import { actsOf } from "./acts.js"
import { Bell } from "./bell.js"
import { stageOf } from "./models/queue.js"
import { Owner } from "./owner.js"
import { Seat } from "./seat.js"
import { actOf } from "./shortcuts.js"
import { Desk } from "./store.js"
import { bar, signedOut } from "./views/bar.js"
import * as centre from "./views/centre.js"
import { messages } from "./views/parts.js"
import { queue } from "./views/queue.js"
import { trouble } from "./views/ways.js"
import { words } from "./words/desk.js"

const TICK_MS = 1_000
const STAGES = { "empty": centre.empty, "called": centre.called, "meeting": centre.meeting, "wrap-up": centre.wrapUp }

export class OacDesk extends OacElement {
  #desk = new Desk()
  #seat = new Seat(this.#desk)
  #owner = new Owner(this.#desk)
  #bell = new Bell(this.#desk)
  #parting = new Parting(this)
  #acts = {
    ...actsOf(this.#desk), link: this.#desk.link, renewJoin: () => this.#seat.renew(),
    turnBell: () => this.#bell.turn(), workHere: () => this.#owner.take(),
  }

  connect() {
    this.during(this.#desk.watch((state) => this.#changed(state)))
    this.listen(document, "keydown", (event) => this.#pressed(event))
    for (const touch of ["pointerdown", "keydown"]) this.listen(document, touch, () => this.#bell.allow())
    this.every(TICK_MS, () => this.requestDraw())
    this.#desk.start()
  }

  disconnect() {
    this.#owner.stop()
    this.#seat.leave()
    this.#desk.stop()
  }

  template() {
    const { now } = this.#desk
    const state = this.#parting.shown(this.#desk.state)
    if (state.isSignedOut) return signedOut()
    if (!state.server) return html`<p class="desk-away">${words.loading}</p>${messages(state, this.#toasts)}`
    const stage = stageOf(state.server)
    return html`
      ${bar(state, this.#acts, this.dataset.between)}
      ${trouble(state)}
      <main class="desk-columns">
        ${queue(state, this.#acts, now)}
        <section class="desk-centre" data-stage=${stage}>${STAGES[stage](state, this.#acts, now)}</section>
        <oac-panel .desk=${this.#desk} class=${state.server.visit ? "" : "is-idle"}></oac-panel>
      </main>
      ${messages(state, this.#toasts)}`
  }

  get #toasts() {
    return { words, dismiss: (id) => this.#desk.dismiss(id) }
  }

  #changed(state) {
    this.#owner.follow(state)
    this.#seat.follow(this.#desk.state)
    if (!this.#desk.state.join) this.#parting.begin()
    this.#bell.follow(state)
    this.requestDraw()
  }

  /** The panel hears its own shortcuts. */
  #pressed(event) {
    const act = { callNext: this.#acts.callNext, recall: this.#acts.recall }[actOf(event) ?? ""]
    if (!act || !this.#desk.state.server || this.#desk.state.isSignedOut) return
    event.preventDefault()
    act()
  }
}

customElements.define("oac-desk", OacDesk)
