// Having something signed on the counter's screen.
// @ts-check
import { signRequest, whyNotSign } from "./models/signature.js"
import { whyText } from "./words/reasons.js"

/** The acts for a `Desk`. */
export function signatureActs(desk) {
  return {
    /** Ask for the name under a step's declaration. */
    askSignature: (step) => {
      const { visit } = desk.state.server
      const why = whyNotSign(visit)
      if (why) return desk.toast(whyText(why), "notice")
      return desk.order("sign", `/api/visits/${visit.id}/jobs`, signRequest(step))
    },
  }
}
