// What happens when another screen, or another request beside the clerk, appears: focus and sound.
// @ts-check
import { fit } from "./fit.js"
import { guideOf } from "./jobs.js"
import { screenOf } from "./screen.js"

/** Requests that take the focus, because they wait for an answer. */
const ASKS = new Set(["consent", "sign", "question", "page", "paused"])

/** Looks at the page after every drawing. */
export class Turns {
  #page
  #chime
  #screen = null
  #guide = null
  #rungFor = null

  /** @param {{page: HTMLElement, chime: {ring: () => boolean}}} parts */
  constructor({ page, chime }) {
    this.#page = page
    this.#chime = chime
  }

  drawn(state) {
    fit(this.#page)
    const screen = screenOf(state)
    this.#ring(screen, state.server?.ticket)
    const { kind, job } = screen === "meeting" ? guideOf({ ...state.server, isSaying: state.isSaying }) : {}
    const guide = ASKS.has(kind) ? `${kind} ${job?.id ?? ""} ${state.signing ?? ""}` : null
    const isNewGuide = guide !== this.#guide
    this.#guide = guide
    if (screen !== this.#screen) this.#focus("main h1[tabindex]")
    // Who uses a keyboard or a screen reader starts at the question itself.
    if (guide && isNewGuide) this.#focus(".card-ask[tabindex]")
    this.#screen = screen
  }

  /** Each call of a ticket sounds once, a repeated call again. */
  #ring(screen, ticket) {
    const call = screen === "called" ? `${ticket.id} ${ticket.called_at}` : null
    if (call && call !== this.#rungFor) this.#chime.ring()
    this.#rungFor = call
  }

  #focus(selector) {
    this.#page.querySelector(selector)?.focus({ preventScroll: true })
  }
}
