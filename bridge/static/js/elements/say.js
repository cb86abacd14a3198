// <oac-say>: real-time text beside the voice. Letters travel while they are typed.
// Properties `link` (a Link), `visit` (its id), `side` ("citizen" or "clerk") and `names`
// ({citizen, clerk}); `sign` stands above the hint of an empty page; `insert()`, `erase()` and `endLine()` serve an on-screen keyboard.
// @ts-check
import { html, nothing, OacElement } from "../lib/element.js"
import { gettext } from "../lib/gettext.js"
import { LINE_CAP, Lines, Sender } from "../lib/lines.js"
import { repeat } from "../../vendor/lit-html/directives/repeat.js"

export class OacSay extends OacElement {
  side = "citizen"
  names = {}
  /** What stands above the hint while nothing was written. */
  sign = nothing
  #link = null
  #visit = null
  #lines = new Lines()
  #sender = new Sender((message) => this.#link?.tell("say:typed", message))
  #number = null

  set link(link) {
    if (link === this.#link) return
    this.#link = link
    if (link) this.during(link.on("say:typed", (message) => this.#heard(message)))
  }

  set visit(visit) {
    if (visit === this.#visit) return
    this.#visit = visit
    this.#lines = new Lines()
    this.#number = null
    this.requestDraw()
  }

  disconnect() {
    this.#sender.flush()
    this.#link = null
  }

  drawn() {
    const shown = this.querySelector(".say-lines")
    shown.scrollTop = shown.scrollHeight
  }

  /** Put letters where the line ends, as if they were typed. */
  insert(letters) {
    const input = this.#input
    input.value = (input.value + letters).slice(0, LINE_CAP)
    this.#typed()
  }

  erase() {
    const input = this.#input
    input.value = [...input.value].slice(0, -1).join("")
    this.#typed()
  }

  endLine() {
    if (!this.#input.value.trim()) return
    this.#typed({ isEnded: true })
    this.#sender.flush()
    this.#input.value = ""
    this.#number = null
  }

  template() {
    const label = gettext("Write here")
    return html`
      <ol class="say-lines" role="log" aria-live="polite" data-personal>
        ${this.#shown.length ? nothing : html`<li class="say-hint soft">${this.sign}${gettext("What you write is read letter by letter.")}</li>`}
        ${repeat(this.#shown, (line) => `${line.side} ${line.line}`, (line) => this.#line(line))}
      </ol>
      <form class="say-form" @submit=${(event) => this.#submitted(event)}>
        <input type="text" data-oac="say" maxlength=${LINE_CAP} aria-label=${label}
          placeholder=${label} autocomplete="off" autocapitalize="sentences"
          @input=${() => this.#typed()} />
      </form>`
  }

  #line({ side, text, isEnded }) {
    const isOwn = side === this.side
    return html`<li class=${isOwn ? "say-line say-own" : "say-line say-other"} data-side=${side}>
      <strong>${this.names[side] ?? side}</strong>
      <span>${text}${isEnded ? "" : "…"}</span>
    </li>`
  }

  /** Lines that stand: one's own unfinished one is still in the field below. */
  get #shown() {
    return this.#lines.all.filter((line) => line.text && (line.isEnded || line.side !== this.side))
  }

  get #input() {
    return this.querySelector("input")
  }

  #submitted(event) {
    event.preventDefault()
    this.endLine()
  }

  #typed({ isEnded = false } = {}) {
    this.#number ??= Math.max(this.#lines.nextOf(this.side), Math.floor(Date.now() / 1000))
    const message = { visit: this.#visit, line: this.#number, text: this.#input.value, is_ended: isEnded }
    this.#lines.put({ side: this.side, line: message.line, text: message.text, isEnded })
    this.#sender.type(message)
    this.requestDraw()
  }

  #heard({ visit, side, line, text, is_ended: isEnded }) {
    if (visit !== this.#visit || side === this.side) return
    this.#lines.put({ side, line, text, isEnded })
    this.requestDraw()
    this.announce("say-heard", { text, isEnded })
  }
}

customElements.define("oac-say", OacSay)
