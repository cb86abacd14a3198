// What the clerk can do with pages that are there.
// @ts-check
import { fitted, wholeOf } from "./models/outline.js"
import { isPicture, isSignature, jobOfPage, pictureRequest, signRequest, whyNotAgain } from "./models/screen.js"
import { allSteps, chosenDevice, devicesFor, pageAgainRequest } from "./models/steps.js"
import { words } from "./words/panel.js"
import { whyText } from "./words/reasons.js"

/** How long a removal can be taken back. */
const UNDO_MS = 3_000
/** How the names of removals begin that can still be taken back. */
export const REMOVAL = "remove "

/** The acts for a `Desk`. */
export function pageActs(desk) {
  const change = (page, body) => desk.send(`page ${page.id}`, "PATCH", `/api/pages/${page.id}`, body)
  const make = (page, noun, body = {}) => desk.send(`page ${page.id}`, "POST", `/api/pages/${page.id}/${noun}`, body)
  return {
    openPage: (document, page) => desk.update({ dialog: { kind: "page", document: document.id, page: page.id } }),
    closeDialog: () => desk.update({ dialog: null }),
    rotate: (page) => change(page, { rotation: (page.rotation + 90) % 360 }),
    askTrim: (document, page) => {
      const outline = fitted(page.outline ?? wholeOf(page), page)
      desk.update({ dialog: { kind: "trim", document: document.id, page: page.id, outline } })
    },
    drawOutline: (page, outline) => desk.update({ dialog: { ...desk.state.dialog, outline: fitted(outline, page) } }),
    trim: async (page, outline) => {
      if (await make(page, "trimming", outline)) desk.update({ dialog: null })
    },
    putTogether: (document) => desk.send(`card ${document.id}`, "POST", `/api/documents/${document.id}/card`, {}),
    restorePage: (page) => make(page, "restoration"),
    movePage: async (page, place) => {
      if (await change(page, { place })) desk.update({ news: words.isPageNow(place) })
    },
    removePage: (page) => {
      desk.update({ dialog: null })
      desk.later(`${REMOVAL}${page.id}`, UNDO_MS, () =>
        desk.send(`page ${page.id}`, "DELETE", `/api/pages/${page.id}`))
    },
    keepPage: (page) => desk.keep(`${REMOVAL}${page.id}`),
    pageAgain: (document, page) => {
      const { server: { visit }, choices } = desk.state
      const job = jobOfPage(visit, page)
      const why = whyNotAgain(visit, job, "scan")
      if (why) return desk.toast(whyText(why), "notice")
      const device = chosenDevice(devicesFor(visit, "scan"), choices.scan.device)
      const step = allSteps(visit).find((one) => one.id === document.step) ?? null
      if (isPicture(job)) return desk.order("picture", `/api/visits/${visit.id}/jobs`, pictureRequest(step, page))
      if (isSignature(job)) return desk.order("sign", `/api/visits/${visit.id}/jobs`, signRequest(step, page))
      const body = pageAgainRequest({ visit, document, page, device, step })
      return desk.order("scan", `/api/visits/${visit.id}/jobs`, body)
    },
  }
}
