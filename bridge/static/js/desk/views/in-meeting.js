// What the desk hands to <oac-meeting>: the same lists as before unless something changed, because
// setting them anew redraws Jitsi's tool bar.
// @ts-check
import { pick } from "../../lib/gettext.js"
import { actionsOf, handleOf, whyNotAction } from "../models/actions.js"
import { noticesOf } from "../models/notices.js"
import { whyNotDevice, whyNotScan } from "../models/steps.js"
import { words } from "../words/desk.js"
import { noticeText } from "../words/notices.js"

/** The four buttons and what plugins add, with their states. */
export const buttonsOf = kept((visit) => [
  button("scan", words.buttonScan, stateOf(whyNotScan(visit))),
  button("print", words.buttonPrint, stateOf(whyNotDevice(visit, "print"))),
  button("ask-help", words.buttonHelp, visit.help ? "busy" : "idle"),
  button("end-visit", words.buttonEnd, "idle"),
  // After the four: where the bar is too short, these go behind its "more".
  ...actionsOf(visit).map((action) => ({
    ...button(handleOf(action), pick(action.title), stateOf(whyNotAction(visit, action))),
    icon: action.icon || "action",
  })),
])

/** What the clerk is told now. */
export const noticeList = kept((visit, put) => noticesOf(visit, put).map(noticeText))

function stateOf(why) {
  return why === null ? "idle" : why.endsWith("under-way") ? "busy" : "off"
}

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
