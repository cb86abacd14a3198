// A custom element in light DOM that draws itself with lit-html whenever its state changes.
// @ts-check
import { html, nothing, render, svg } from "../../vendor/lit-html/lit-html.js"
import { onLanguage } from "./gettext.js"

export { html, nothing, render, svg }

/**
 * Base of every element of ours. A subclass overrides `template()` and may override
 * `connect()`, `drawn()` and `disconnect()`; what `during()` and `listen()` began ends by itself.
 */
export class OacElement extends HTMLElement {
  #state = {}
  #isScheduled = false
  #isEmptied = false
  /** @type {Array<() => void>} */
  #endings = []

  /** What the element shows; assigning replaces it whole and draws. */
  get state() {
    return this.#state
  }

  set state(state) {
    this.#state = state ?? {}
    this.requestDraw()
  }

  /** Change some fields of the state. */
  update(fields) {
    this.state = { ...this.#state, ...fields }
  }

  connectedCallback() {
    this.during(onLanguage(() => this.requestDraw()))
    this.connect()
    this.requestDraw()
  }

  disconnectedCallback() {
    this.disconnect()
    this.#endings.splice(0).forEach((end) => end())
  }

  /** Keep a function that undoes something, called when the element leaves the page. */
  during(end) {
    this.#endings.push(end)
  }

  /** Hear a DOM event until the element leaves the page. */
  listen(target, type, handler, options) {
    target.addEventListener(type, handler, options)
    this.during(() => target.removeEventListener(type, handler, options))
  }

  /** Call `work` every `ms` milliseconds until the element leaves the page. */
  every(ms, work) {
    const timer = setInterval(work, ms)
    this.during(() => clearInterval(timer))
  }

  /** Tell the outside something: a bubbling CustomEvent. */
  announce(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }))
  }

  /** Draw once, after everything that changes in this turn has changed. */
  requestDraw() {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => this.#draw())
  }

  connect() {}

  disconnect() {}

  /** Called after each drawing, for focus, fitting and the like. */
  drawn() {}

  /** What to show: a lit-html template. */
  template() {
    return nothing
  }

  #draw() {
    this.#isScheduled = false
    if (!this.isConnected) return
    if (!this.#isEmptied) this.replaceChildren() // a server-rendered "loading" text, at most
    this.#isEmptied = true
    render(this.template(), this)
    this.drawn()
  }
}
