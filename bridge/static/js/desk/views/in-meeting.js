// What the desk hands to <oac-meeting>: the same lists as before unless something changed, because
// setting them anew redraws Jitsi's tool bar.
// @ts-check
import { noticesOf } from "../models/notices.js"
import { whyNotDevice } from "../models/steps.js"
import { words } from "../words/desk.js"
import { noticeText } from "../words/notices.js"

/** The four buttons, with their states. */
export const buttonsOf = kept((visit) => {
  const stateOf = (kind) => {
    const why = whyNotDevice(visit, kind)
    return why === null ? "idle" : why.endsWith("under-way") ? "busy" : "off"
  }
  return [
    button("scan", words.buttonScan, stateOf("scan")),
    button("print", words.buttonPrint, stateOf("print")),
    button("ask-help", words.buttonHelp, visit.help ? "busy" : "idle"),
    button("end-visit", words.buttonEnd, "idle"),
  ]
})

/** What the clerk is told now. */
export const noticeList = kept((visit, put) => noticesOf(visit, put).map(noticeText))

function button(id, text, state) {
  const hint = { idle: text, busy: words.busy(text), off: words.off(text) }[state]
  return { id, text, hint, state }
}

function kept(make) {
  let known = { signature: "", list: [] }
  return (...facts) => {
    const list = make(...facts)
    const signature = JSON.stringify(list)
    if (signature !== known.signature) known = { signature, list }
    return known.list
  }
}
