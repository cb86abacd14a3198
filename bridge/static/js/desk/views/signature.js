// The button of a step whose declaration is signed on the counter's screen.
// @ts-check
import { nothing } from "../../lib/element.js"
import { hasPages } from "../models/steps.js"
import { whyNotSign } from "../models/signature.js"
import { words } from "../words/signature.js"
import { button } from "./parts.js"

export function stepSignature(step, state, acts) {
  const { visit } = state.server
  if (!step.is_signed || hasPages(visit, step.document)) return nothing
  return button({
    handle: `sign`, label: words.ask, sign: "pencil", look: "button-primary", isBusy: state.busy.sign,
    why: whyNotSign(visit), act: () => acts.askSignature(step),
  })
}
