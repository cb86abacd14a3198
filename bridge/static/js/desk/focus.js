// Where the focus goes when what had it leaves the panel: who goes by the keyboard stays in place.
// @ts-check

/** The foot of a visit, of its ending and of its paperwork, each with what is focused in it. */
const FEET = { "end-not-yet": "end-not-yet", "close-visit": "outcome", "end-visit": "end-visit" }

export class FocusKeeper {
  #step = null
  #foot = null
  /** What had the focus when a dialog opened. */
  #opener = null

  /** Look at the panel before its `dialog`, or null, takes the focus: one that goes gives it back. */
  around(panel, dialog) {
    const opener = this.#opener
    this.#opener = dialog ? (opener ?? document.activeElement) : null
    if (dialog || !opener || !isLost()) return
    const back = opener.isConnected ? opener : find(panel, opener.dataset.oac)
    back?.focus()
  }

  /** Look at the panel after each drawing. */
  follow(panel) {
    const step = panel.querySelector("[aria-current=step]")?.dataset.oac ?? null
    const foot = Object.keys(FEET).find((handle) => find(panel, handle)) ?? null
    const isNewFoot = foot && this.#foot && foot !== this.#foot
    const isNewStep = step && this.#step && step !== this.#step
    // Who ended by mistake finds the way back under the fingers, wherever the focus was.
    if (isNewFoot && (isLost() || foot === "end-not-yet")) find(panel, FEET[foot])?.focus()
    else if (isNewStep && isLost()) find(panel, step).focus()
    this.#step = step
    this.#foot = foot
  }
}

function find(panel, handle) {
  return panel.querySelector(`[data-oac="${handle}"]`)
}

function isLost() {
  return document.activeElement === document.body
}
