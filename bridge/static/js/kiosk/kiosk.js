// <oac-kiosk>: the counter's screen. It shows what the bridge says and sends what is touched.
// @ts-check
import "../elements/say.js"
import { api } from "../lib/api.js"
import { html, nothing, OacElement } from "../lib/element.js"
import { loadCatalogue, useLanguage } from "../lib/gettext.js"
import { Link } from "../lib/socket.js"
import { actsOf, UNTOUCHED } from "./acts.js"
import { banners, bar, countdown } from "./bar.js"
import { Photographer } from "./camera.js"
import { Chime } from "../lib/chime.js"
import { Farewell } from "./farewell.js"
import { ForAWhile } from "../lib/for-a-while.js"
import { Halt } from "./halt.js"
import { Idle } from "./idle.js"
import { strip } from "./light.js"
import { LinkWatch } from "../lib/link-watch.js"
import { Parting } from "../meeting/parting.js"
import { answer } from "./news.js"
import { Pairing } from "./pairing.js"
import { Recovery } from "./recovery.js"
import { hasUnsentChoices, languageOf, screenOf, seatOf } from "./screen.js"
import * as arrival from "./screens/arrival.js"
import * as visit from "./screens/visit.js"
import { Seat } from "./seat.js"
import { tellDevices } from "./tools.js"
import { Turns } from "./turns.js"
import { words } from "./words.js"

const SCREENS = { ...arrival, ...visit }
const TICK_MS = 500
const NOTICE_MS = 8_000
const PAGE_SIZE = 5

export class OacKiosk extends OacElement {
  #acts = actsOf(this)
  #idle = new Idle(Date.now())
  #houseLanguage = document.documentElement.lang.split("-")[0]
  #chime = new Chime()
  #parting = new Parting(this)
  #turns = new Turns({ page: this, chime: this.#chime })
  #link
  #watch = new LinkWatch((isLinkLost) => this.update({ isLinkLost }))
  #shown = new ForAWhile((fields) => this.update(fields))
  #pairing
  #farewell
  #recovery = new Recovery({ answers: () => api.get("/api/kiosk") })
  /** Everything stopped, by a touch here. */
  halt = new Halt({ send: (path) => this.send(path), shown: () => this.#take(this.state.server) })
  #photographer = new Photographer({ send: (...given) => this.send(...given) })
  /** Where the citizen sits in the meeting. */
  seat = new Seat({ sit: (join) => this.#sit(join), look: (camera) => this.update({ camera }) })

  constructor() {
    super()
    this.state = {
      ...UNTOUCHED, server: null, isUnpaired: false, code: null, isBusy: false, isLinkLost: false,
      notice: null, progress: null, join: null, camera: null, pageSize: PAGE_SIZE,
    }
  }

  connect() {
    this.#link = new Link({
      ask: () => api.get("/api/kiosk"),
      take: (server) => this.#take(server),
      fail: (error) => this.#failed(error),
      // A screen that is not paired is refused, which is no lost link.
      onLink: (isConnected) => {
        this.#watch.socket(isConnected || this.state.isUnpaired)
        if (isConnected) tellDevices(this.state.join)
      },
    })
    this.#pairing = new Pairing({ show: (code) => this.update({ code }), paired: () => this.#paired() })
    this.#farewell = new Farewell({ done: (server) => this.#link.put(server) })
    this.#link.on("job:progress", (progress) => this.update({ progress }))
    // The end of a touch is heard too: before it, a browser lets nothing sound.
    for (const type of ["pointerdown", "pointerup", "keydown"]) {
      this.listen(window, type, () => this.touch(), { capture: true })
    }
    this.listen(window, "resize", () => this.requestDraw())
    this.every(TICK_MS, () => this.#tick())
    // Letters measure differently before the typeface is there.
    this.listen(document.fonts, "loadingdone", () => this.requestDraw())
    loadCatalogue(this.#houseLanguage)
    this.#link.start()
  }

  disconnect() {
    this.seat.leave()
    this.#pairing.stop()
    this.#farewell.stop()
    this.#link.stop()
    this.#watch.stop()
    this.#recovery.stop()
    this.halt.rest()
    this.#shown.stop()
  }

  /** The text line, where an on-screen keyboard types. */
  get say() {
    return this.querySelector("oac-say")
  }

  /** Somebody is there. */
  touch() {
    this.#idle.touch(Date.now())
    this.#chime.allow()
    if (this.state.secondsLeft !== null) this.update({ secondsLeft: null })
  }

  /** Send a touch to the bridge and show the state that it answers with; false when it did not. */
  async send(path, body = {}, method = api.post, refused = (_error) => {}) {
    this.update({ isBusy: true, notice: null })
    try {
      this.#link.put(await method(path, body))
      return true
    } catch (error) {
      if (error.key !== "unreachable") this.#shown.show("notice", error.title || words.didNotWork, NOTICE_MS)
      this.#failed(error)
      if (error.isRefusal) refused(error)
      this.#link.refresh() // another state than the one on the screen may be why it was refused
      return false
    } finally {
      this.update({ isBusy: false })
    }
  }

  /** All papers are in hand: the screen need not wait. */
  leaveNow() {
    this.#farewell.now()
  }

  template() {
    const state = { ...this.#parting.shown(this.state), link: this.#link }
    useLanguage(languageOf(state) ?? this.#houseLanguage)
    const screen = screenOf(state)
    return html`
      <div class="top">${banners(screen, state)}${screen === "meeting" ? strip(state) : nothing}</div>
      <main class="stage" data-screen=${screen}>${SCREENS[screen](state, this.#acts)}</main>
      ${bar(screen, state, this.#acts)}
      ${countdown(state, this.#acts)}`
  }

  drawn() {
    this.#turns.drawn(this.#parting.shown(this.state))
  }

  #take({ join, ...told }) {
    const [before, server] = [this.state.server, this.halt.over(told)]
    const isOver = Boolean(before?.ticket) && !server.ticket
    this.update({ ...(isOver ? UNTOUCHED : {}), server, isUnpaired: false })
    answer(this.#shown, before, server)
    this.#watch.answered()
    this.#follow(join)
  }

  #follow(join) {
    const screen = screenOf(this.state)
    if (screen === "called") this.seat.prepare(this.state.server.visit)
    this.seat.follow(seatOf(screen, this.state.server?.visit), join)
    this.#recovery.follow(screen)
    this.#photographer.follow(this.state.server ?? {}, this.state.join?.document_camera)
    if (screen === "goodbye") this.#farewell.begin()
    else this.#farewell.stop()
    loadCatalogue("ca")
    loadCatalogue("es")
  }

  #failed(error) {
    if (error.status === 401) {
      this.#watch.answered()
      this.#watch.socket(true)
      this.update({ isUnpaired: true, server: null })
      this.#pairing.start()
    } else if (error.isTransient) {
      this.#watch.unanswered()
    }
  }

  #sit(join) {
    if (!join) this.#parting.begin()
    this.update({ join })
  }

  #paired() {
    this.update({ isUnpaired: false })
    this.#link.refresh()
  }

  #tick() {
    const { isOver, secondsLeft } = this.#idle.look(Date.now())
    const isWatched = hasUnsentChoices(screenOf(this.state)) && !this.state.isBusy
    if (isOver && isWatched) this.update(UNTOUCHED)
    else if (isOver && this.state.isLeaving) this.update({ isLeaving: false })
    const shown = isWatched && !isOver ? secondsLeft : null
    if (shown !== this.state.secondsLeft) this.update({ secondsLeft: shown })
  }
}

customElements.define("oac-kiosk", OacKiosk)
