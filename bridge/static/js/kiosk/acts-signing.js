// What a citizen does with something that is to be signed on the screen.
// @ts-check
import { api } from "../lib/api.js"
import { once } from "../lib/once.js"

/** The acts of `kiosk`. */
export function signingActs(kiosk) {
  const pad = () => kiosk.querySelector("oac-signature")
  return {
    beginSigning: async (job) => {
      await import("./signature.js")
      kiosk.update({ signing: job.id, hasInk: false })
    },
    leaveSigning: () => kiosk.update({ signing: null, hasInk: false }),
    clearSignature: () => pad()?.clear(),
    signatureChanged: () => kiosk.update({ hasInk: pad() ? !pad().isEmpty : false }),
    signOnPaper: (job) => kiosk.send(`/api/kiosk/jobs/${job.id}/paper`),
    sign: once(async (job) => kiosk.send(`/api/kiosk/jobs/${job.id}/signature`, await pad().image(), api.put)),
  }
}
