// The buttons of what the counter's screen does by itself.
// @ts-check
import { nothing } from "../../lib/element.js"
import { hasPages } from "../models/steps.js"
import { whyNotPicture, whyNotSign } from "../models/screen.js"
import { words } from "../words/screen.js"
import { button } from "./parts.js"

export function stepSignature(step, state, acts) {
  const { visit } = state.server
  if (!step.is_signed || hasPages(visit, step.document)) return nothing
  return button({
    handle: `sign`, label: words.ask, sign: "pencil", look: "button-primary", isBusy: state.busy.sign,
    why: whyNotSign(visit), act: () => acts.askSignature(step),
  })
}

/** For the paper that lies under the document camera, where there is one. */
export function pictureButton(state, acts) {
  const { visit } = state.server
  if (!visit.can_photograph) return nothing
  return button({
    handle: `take-picture`, label: words.takePicture, sign: "scan", isBusy: state.busy.picture,
    why: whyNotPicture(visit), act: acts.takePicture,
  })
}
