// What a touch does. Every function is given to the screens; none is called by anything else.
// @ts-check
import { signingActs } from "./acts-signing.js"
import { tellDevices } from "./tools.js"
import { newIntent } from "../lib/api.js"
import { once } from "../lib/once.js"

/** What was touched here and nowhere else: all of it is gone when the screen starts again. */
export const UNTOUCHED = Object.freeze({
  language: null,
  chosen: [],
  page: 0,
  isLeaving: false,
  isSaying: false,
  isLarge: false,
  hasKeyboard: false,
  keys: "letters",
  secondsLeft: null,
  intent: null,
  missed: null,
  said: null,
  signing: null,
  hasInk: false,
})

/** All the acts of `kiosk`, which offers `state`, `update()`, `send()`, `touch()`, `halt`, `seat` and `say`. */
export function actsOf(kiosk) {
  return { ...choosing(kiosk), ...visiting(kiosk), ...writing(kiosk), ...signingActs(kiosk) }
}

function choosing(kiosk) {
  return {
    touch: () => kiosk.touch(),
    startAgain: () => kiosk.update(UNTOUCHED),
    chooseLanguage: (language) => kiosk.update({ language }),
    turnPage: () => kiosk.update({ page: kiosk.state.page + 1 }),
    chooseErrand: (key) => {
      const { chosen } = kiosk.state
      const others = chosen.filter((other) => other !== key)
      // A change of mind is a new intent: the ticket must be for what is chosen now.
      kiosk.update({ chosen: others.length < chosen.length ? others : [...chosen, key], intent: null })
    },
    takeTicket: () => {
      const { language, chosen } = kiosk.state
      const intent = kiosk.state.intent ?? newIntent()
      kiosk.update({ intent })
      return kiosk.send("/api/kiosk/tickets", { language, procedures: chosen, idempotency_key: intent })
    },
    askToLeave: () => kiosk.update({ isLeaving: true }),
    stay: () => kiosk.update({ isLeaving: false }),
    leave: once(() => kiosk.send("/api/kiosk/departure")),
    leaveNow: () => kiosk.leaveNow(),
  }
}

function visiting(kiosk) {
  return {
    arrive: () => kiosk.send("/api/kiosk/arrival"),
    help: () => kiosk.send("/api/kiosk/help"),
    resume: () => kiosk.halt.goOn(),
    consent: (job, allow) => kiosk.send(`/api/kiosk/jobs/${job.id}/consent`, { allow }),
    confirm: (job, cameOut) =>
      kiosk.send(`/api/kiosk/jobs/${job.id}/confirmation`, { came_out: cameOut }),
    placePage: (job, isLast) =>
      kiosk.send(`/api/kiosk/jobs/${job.id}/next-page`, { page: job.awaits_page, is_last: isLast }),
    stop: () => kiosk.halt.begin(kiosk.state.server.visit.id),
    meetingChanged: ({ detail }) => {
      kiosk.seat.heard(detail)
      if (detail.state === "connected") tellDevices(kiosk.state.join)
    },
    cameraChanged: ({ detail }) => kiosk.seat.looked(detail),
    renewJoin: () => kiosk.seat.renew(),
  }
}

function writing(kiosk) {
  return {
    toggleSaying: () => {
      kiosk.update({ isSaying: !kiosk.state.isSaying, hasKeyboard: false })
    },
    // What the clerk writes is not left behind a closed panel.
    hearText: () => !kiosk.state.isSaying && kiosk.update({ isSaying: true }),
    toggleLarge: () => kiosk.update({ isLarge: !kiosk.state.isLarge }),
    toggleKeyboard: () => kiosk.update({ hasKeyboard: !kiosk.state.hasKeyboard, keys: "letters" }),
    turnKeys: () =>
      kiosk.update({ keys: kiosk.state.keys === "letters" ? "accents" : "letters" }),
    typeLetter: (letter) => kiosk.say?.insert(letter),
    eraseLetter: () => kiosk.say?.erase(),
    endLine: () => kiosk.say?.endLine(),
  }
}
