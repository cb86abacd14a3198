// <oac-helper>: who needs a hand in the hall, for a phone. New requests stand on top and are said.
// @ts-check
import { repeat } from "../../vendor/lit-html/directives/repeat.js"
import { api } from "../lib/api.js"
import { Chime } from "../lib/chime.js"
import { html, nothing, OacElement } from "../lib/element.js"
import { faultOf } from "../lib/faults.js"
import { loadCatalogue, useLanguage } from "../lib/gettext.js"
import { languageChoice } from "../lib/language-choice.js"
import { LinkWatch } from "../lib/link-watch.js"
import { Link } from "../lib/socket.js"
import { clockOffset, clockText, elapsed } from "../lib/time.js"
import { openBeside } from "../lib/way-in.js"
import { isNew, newRequests, nextOf } from "./requests.js"
import { counterRow, missed, wayIn, whom } from "./rows.js"
import { reasonText, stateText, words } from "./words.js"

const TICK_MS = 1_000
const NOTICE_MS = 8_000
const BUZZ_MS = [200, 100, 200]
/** After an answer the buttons rest this long: the second half of a double tap is no wish. */
const REST_MS = 600

const language = document.documentElement.lang.split("-")[0]
useLanguage(language)
loadCatalogue(language)

export class OacHelper extends OacElement {
  #watch = new LinkWatch((isLinkLost) => this.update({ isLinkLost }))
  #noticeTimer = null
  #chime = new Chime()
  #title = document.title
  #link = new Link({
    ask: () => api.get("/api/helper"),
    take: (server) => this.#take(server),
    fail: (error) => this.#failed(error),
    onLink: (isConnected) => this.#watch.socket(isConnected),
    changed: ["state:changed", "queue:changed"],
  })

  constructor() {
    super()
    this.state = { server: null, offset: 0, isLinkLost: false, isSignedOut: false, notice: "", news: "", isBusy: false }
  }

  connect() {
    this.listen(document, "pointerdown", () => this.#chime.allow())
    this.every(TICK_MS, () => this.requestDraw())
    this.#link.start()
  }

  disconnect() {
    this.#link.stop()
    this.#watch.stop()
    clearTimeout(this.#noticeTimer)
  }

  template() {
    const { server, isLinkLost, isSignedOut, notice, news } = this.state
    if (isSignedOut) return html`<main><h1>${words.signedOut}</h1><a class="button button-primary" href="/sign-in">${words.signIn}</a></main>`
    if (!server) return html`<main><p>${words.loading}</p></main>`
    return html`
      <header class="helper-bar"><h1>${words.title}</h1>${languageChoice(words.language)}
        <form method="post" action="/sign-out"><button class="button button-quiet" data-oac="sign-out">${words.signOut}</button></form></header>
      ${isLinkLost ? html`<p class="notice" role="alert">${words.linkLost}</p>` : nothing}
      ${notice ? html`<p class="notice notice-danger" role="alert">${notice}</p>` : nothing}
      <p class="only-heard" role="alert">${news}</p>
      <main>
        <ol class="requests">
          ${repeat(server.requests, (one) => one.id, (one) => this.#request(one))}
        </ol>
        ${server.requests.length ? nothing : html`<div class="card helper-quiet"><p><strong>${words.none}</strong></p><p>${words.noneHow}</p></div>`}
        ${server.missed.length ? missed(server.missed, this.state, (ticket) => this.#reinstate(ticket)) : nothing}
        <section aria-label=${words.counters}><h2>${words.counters}</h2>
          <ul>${server.counters.map((counter) => counterRow(counter, this.state, this.#join))}</ul></section>
      </main>`
  }

  #request(request) {
    const waited = clockText(elapsed(request.raised_at, Date.now() + this.state.offset))
    const detail = request.detail ? faultOf(request.detail) : null
    return html`<li class="card request" data-oac="help-request" data-state=${request.state}>
      <p class="request-where">${request.counter.name}</p>
      ${request.ticket ? whom(request.ticket) : nothing}
      <p>${reasonText(request.reason)}</p>
      ${detail ? html`<p><strong>${detail.what}</strong></p>` : nothing}
      <p><span class="tag ${isNew(request) ? "tag-danger" : "tag-good"}">${stateText(request.state)}</span>
        ${words.since(waited)}</p>
      ${request.helper ? html`<p>${words.takenBy(request.helper)}</p>` : nothing}
      ${this.#acts(request)}
    </li>`
  }

  /** One thing to do next, large; a request can be solved at any moment as well. */
  #acts(request) {
    const { event, handle } = nextOf(request)
    const act = (name) => () => this.#answer(request, name)
    const rests = this.state.isBusy ? "true" : nothing
    return html`<div class="request-acts">
      <button type="button" class="button button-primary request-next" data-oac=${handle} aria-disabled=${rests}
        @click=${act(event)}>${words[event]}</button>
      ${event === "solve" ? nothing : html`<button type="button" class="button" data-oac="help-solved" aria-disabled=${rests}
        @click=${act("solve")}>${words.solve}</button>`}
      ${wayIn(request, this.state, this.#join)}
    </div>`
  }

  #answer(request, event) {
    return this.#send(`/api/helper/requests/${request.id}/${event}`)
  }

  #reinstate(ticket) {
    return this.#send(`/api/helper/tickets/${ticket.id}/reinstatement`)
  }

  /** The citizen's screen says who came in. */
  #join = (path) => this.#act(() => openBeside(() => api.post(path)))

  #send(path) {
    return this.#act(async () => this.#link.put(await api.post(path)))
  }

  async #act(act) {
    if (this.state.isBusy) return
    this.update({ isBusy: true })
    try {
      await act()
    } catch (error) {
      this.#notify(error.title || words.didNotWork)
      this.#failed(error)
      this.#link.refresh() // a colleague may have been quicker
    } finally {
      setTimeout(() => this.update({ isBusy: false }), REST_MS)
    }
  }

  #take(server) {
    const called = newRequests(this.state.server, server)
    this.#watch.answered()
    this.update({ server, offset: clockOffset(server.now, Date.now()), isSignedOut: false })
    document.title = server.requests.length ? `(${server.requests.length}) ${this.#title}` : this.#title
    if (called.length) this.#call(called)
    else if (!server.requests.some(isNew)) this.update({ news: "" })
  }

  /** To the ear, to the pocket, and to whoever has the page read aloud. */
  #call(requests) {
    this.#chime.ring()
    navigator.vibrate?.(BUZZ_MS)
    this.update({ news: requests.map((one) => `${one.counter.name}: ${reasonText(one.reason)}.`).join(" ") })
  }

  #failed(error) {
    if (error.status === 401) this.update({ isSignedOut: true })
    else if (error.isTransient) this.#watch.unanswered()
  }

  #notify(notice) {
    this.update({ notice })
    clearTimeout(this.#noticeTimer)
    this.#noticeTimer = setTimeout(() => this.update({ notice: "" }), NOTICE_MS)
  }
}

customElements.define("oac-helper", OacHelper)
