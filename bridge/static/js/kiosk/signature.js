// <oac-signature>: a field to sign in with finger, pen or mouse. It keeps dots on a canvas and nothing
// of how they came there: neither when, nor how fast, nor how hard.
// @ts-check
import { html, OacElement } from "../lib/element.js"
import { words } from "./words.js"

/** As wide and high as the field on the signed sheet: 80 by 32 mm. */
const WIDTH = 1200
const HEIGHT = 480
const LINE = 8
/** A dot or a slip of the finger is no signature. */
const LEAST_LENGTH = 150

export class OacSignature extends OacElement {
  #last = null
  #length = 0

  /** True until something was drawn that may be a signature. */
  get isEmpty() {
    return this.#length < LEAST_LENGTH
  }

  clear() {
    this.#length = 0
    this.#canvas?.getContext("2d").clearRect(0, 0, WIDTH, HEIGHT)
    this.announce("signature-changed")
  }

  /** What was drawn, as a PNG. */
  image() {
    return new Promise((resolve) => this.#canvas.toBlob(resolve, "image/png"))
  }

  template() {
    return html`<canvas width=${WIDTH} height=${HEIGHT} role="img" aria-label=${words.signHere}
      @pointerdown=${(event) => this.#begin(event)} @pointermove=${(event) => this.#go(event)}
      @pointerup=${() => this.#end()} @pointercancel=${() => this.#end()}></canvas>`
  }

  get #canvas() {
    return this.querySelector("canvas")
  }

  #begin(event) {
    if (!event.isPrimary || event.button > 0) return
    this.#canvas.setPointerCapture(event.pointerId)
    this.#last = this.#place(event)
    this.#line(this.#last, this.#last)
  }

  #go(event) {
    if (!this.#last || !event.isPrimary) return
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = this.#place(one)
      this.#line(this.#last, next)
      this.#length += Math.hypot(next.x - this.#last.x, next.y - this.#last.y)
      this.#last = next
    }
  }

  #end() {
    if (!this.#last) return
    this.#last = null
    this.announce("signature-changed")
  }

  #place({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect()
    return { x: ((clientX - box.left) / box.width) * WIDTH, y: ((clientY - box.top) / box.height) * HEIGHT }
  }

  #line(from, to) {
    const pen = this.#canvas.getContext("2d")
    Object.assign(pen, { lineWidth: LINE, lineCap: "round", lineJoin: "round", strokeStyle: "#000000" })
    pen.beginPath()
    pen.moveTo(from.x, from.y)
    pen.lineTo(to.x, to.y)
    pen.stroke()
  }
}

customElements.define("oac-signature", OacSignature)
