// What the counter's screen does by itself.
// @ts-check
import { pictureRequest, signRequest, whyNotPicture, whyNotSign } from "./models/screen.js"
import { currentStep } from "./models/steps.js"
import { whyText } from "./words/reasons.js"

/** The acts for a `Desk`. */
export function screenActs(desk) {
  return {
    /** Ask for the name under a step's declaration. */
    askSignature: (step) => {
      const { visit } = desk.state.server
      const why = whyNotSign(visit)
      if (why) return desk.toast(whyText(why), "notice")
      return desk.order("sign", `/api/visits/${visit.id}/jobs`, signRequest(step))
    },
    /** Take a picture of the paper, for the open step if it wants a page. */
    takePicture: () => {
      const { visit } = desk.state.server
      const why = whyNotPicture(visit)
      if (why) return desk.toast(whyText(why), "notice")
      const step = currentStep(visit)
      return desk.order("picture", `/api/visits/${visit.id}/jobs`, pictureRequest(step?.scan ? step : null))
    },
  }
}
