// <oac-panel>: the visit's steps, devices, documents and text. Beside the meeting in the desk it
// shares the desk's state (property `desk`); alone, as in Jitsi's own page, it has its own, and all
// that a whole visit needs.
// @ts-check
import "../elements/say.js"
import { html, nothing, OacElement } from "../lib/element.js"
import { loadCatalogue, useLanguage } from "../lib/gettext.js"
import { actsOf } from "./acts.js"
import { Alone } from "./alone.js"
import { FocusKeeper } from "./focus.js"
import { isOpen } from "./models/jobs.js"
import { currentStep } from "./models/steps.js"
import { afterHeard, isWriting } from "./models/unread.js"
import { actOf } from "./shortcuts.js"
import { callingPart, elsewhere, strip } from "./views/alone.js"
import { signedOut } from "./views/bar.js"
import { actions, pluginsOff, troubles } from "./views/actions.js"
import { devices } from "./views/devices.js"
import { dialog } from "./views/dialogs.js"
import { documents } from "./views/documents.js"
import { foot, wrapUp } from "./views/foot.js"
import { head, unread } from "./views/head.js"
import { livePage, pastJobCards, pinned } from "./views/jobs.js"
import { messages } from "./views/parts.js"
import { steps } from "./views/steps.js"
import { moreWays, trouble, ways } from "./views/ways.js"
import { words as deskWords } from "./words/desk.js"
import { words } from "./words/panel.js"

const TICK_MS = 1_000
/** Less of the text than this in sight is not seen. */
const SEEN_PX = 80

const language = document.documentElement.lang.split("-")[0]
useLanguage(language)
loadCatalogue(language)

export class OacPanel extends OacElement {
  /** @type {import("./store.js").Desk | null} */
  #desk = null
  #acts = null
  /** @type {Alone | null} */
  #alone = null
  /** @type {ReturnType<typeof afterHeard>} */
  #unread = null
  #shownJob = null
  #focus = new FocusKeeper()

  get desk() {
    return this.#desk
  }

  set desk(desk) {
    if (desk === this.#desk) return
    this.#desk = desk
    this.#acts = actsOf(desk)
    if (this.isConnected) this.during(desk.watch(() => this.requestDraw()))
  }

  connect() {
    if (this.#desk === null) this.#standAlone()
    else this.during(this.#desk.watch(() => this.requestDraw()))
    this.every(TICK_MS, () => this.requestDraw())
    this.listen(document, "keydown", (event) => this.#pressed(event))
  }

  disconnect() {
    this.#alone?.stop()
  }

  drawn() {
    const shown = this.querySelector("dialog")
    this.#focus.around(this, shown)
    if (shown && !shown.open) shown.showModal()
    this.#showWork()
    this.#focus.follow(this)
  }

  template() {
    const { state } = this.#desk
    if (state.isSignedOut) return this.#alone ? signedOut(this.#alone.isBeside) : nothing
    const said = this.#alone ? messages(state, { words: deskWords, dismiss: (id) => this.#desk.dismiss(id) }) : nothing
    if (!state.server) return html`<div class="panel-idle soft">${deskWords.loading}</div>${said}`
    const around = this.#alone ? this.#around(state) : nothing
    if (!state.server.visit) return html`${around}${this.#alone ? nothing : html`<div class="panel-idle soft">${words.noVisit}</div>`}${said}`
    return html`${around}${this.#visit(state)}${said}`
  }

  #visit(state) {
    const { visit } = state.server
    const isOver = Boolean(visit.ended_at) || visit.ticket.state === "wrap_up"
    const acts = this.#acts
    return html`
      ${head(state, this.#desk.now)}
      ${ways(state, acts)}
      ${pinned(state, acts)}
      <div class="panel-body" tabindex="-1" @scroll=${() => !isOver && this.#unread && this.#isTextSeen() && this.#read()}>
        ${pluginsOff(visit)}${isOver ? nothing : troubles(visit)}
        ${livePage(state, this.#desk.preview)}
        ${steps(state, acts)}
        ${isOver ? nothing : devices(state, acts)}
        ${isOver ? nothing : actions(state, acts)}
        ${documents(state, acts)}
        ${pastJobCards(state, acts)}
        ${isOver ? nothing : this.#say(visit)}
        ${moreWays(state, acts)}
      </div>
      ${this.#unread?.visit === visit.id && !isOver ? unread(isWriting(this.#unread, Date.now()), () => this.#showText()) : nothing}
      ${isOver ? wrapUp(state, acts) : foot(state, acts)}
      ${dialog(state, acts)}`
  }

  #around(state) {
    return html`${strip(state, this.#acts)}${trouble(state)}${elsewhere(state)}${callingPart(state, this.#acts, this.#desk.now)}`
  }

  #standAlone() {
    const alone = new Alone({ meeting: this.dataset.meeting, search: location.search })
    this.#alone = alone
    this.desk = alone.desk
    this.#acts = alone.acts
    for (const touch of ["pointerdown", "keydown"]) this.listen(document, touch, () => alone.touched())
    alone.start()
  }

  #say(visit) {
    const names = { clerk: words.you, citizen: words.citizen }
    return html`<section class="panel-part panel-say" aria-label=${words.say}>
      <h2>${words.say}</h2>
      <oac-say @say-heard=${({ detail }) => this.#heard(detail)} @focusin=${() => this.#read()}
        .link=${this.#desk.link} .visit=${visit.id} .side=${"clerk"} .names=${names}></oac-say>
    </section>`
  }

  /** The page that a job is about to scan is shown at the top. */
  #showWork() {
    const job = this.#desk.state.server?.visit?.jobs.find(isOpen)?.id ?? null
    if (job && job !== this.#shownJob) this.querySelector(".panel-body").scrollTop = 0
    this.#shownJob = job
  }

  /** What the citizen writes is not left below the edge. */
  #heard({ text, isEnded }) {
    const visit = this.#desk.state.server.visit.id
    const heard = afterHeard(this.#unread, { visit, text, isEnded, now: Date.now() })
    this.#unread = this.#isTextSeen() ? null : heard
    this.requestDraw()
  }

  #isTextSeen() {
    const { top } = this.querySelector(".panel-say").getBoundingClientRect()
    const { bottom } = this.querySelector(".panel-body").getBoundingClientRect()
    return top <= bottom - SEEN_PX
  }

  #read() {
    this.#unread = null
    this.requestDraw()
  }

  #showText() {
    this.querySelector(".panel-say").scrollIntoView({ block: "end" })
    this.querySelector("oac-say input").focus()
  }

  #pressed(event) {
    const { scan, print, help, stepTo, callNext, recall } = this.#acts
    const { server, isSignedOut } = this.#desk.state
    const stepDone = () => {
      const step = currentStep(server.visit)
      if (step && step.state !== "done") stepTo(step, "done")
    }
    const inVisit = server?.visit ? { scan, print, help, stepDone } : {}
    const act = { ...inVisit, ...(this.#alone ? { callNext, recall } : {}) }[actOf(event) ?? ""]
    if (!act || !server || isSignedOut) return
    event.preventDefault()
    act()
  }
}

customElements.define("oac-panel", OacPanel)
