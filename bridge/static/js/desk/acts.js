// What the clerk can do. The panel, the shortcuts and the buttons in the meeting call these alike.
// @ts-check
import { currentStep, allSteps, chosenDevice, devicesFor, qualityOf, scanOptions, scanRequest,
  whyNotScan } from "./models/steps.js"
import { actionActs } from "./acts-actions.js"
import { pageActs, REMOVAL } from "./acts-pages.js"
import { wantedSide } from "./models/card.js"
import { answerNotice } from "./answers.js"
import { pageAwaited, repetitionOf } from "./models/jobs.js"
import { outcomesOf } from "./models/outcomes.js"
import { rowAct, whyNotCall, whyNotMove, whyNotRecall } from "./models/queue.js"
import { printActs } from "./acts-prints.js"
import { screenActs } from "./acts-screen.js"
import { wayActs } from "./acts-ways.js"
import { whyText } from "./words/reasons.js"

/** How long an ending or a removal can be taken back. */
const UNDO_MS = 3_000
/** The second half of a double click falls on what has come under the pointer: it is no wish. */
const CALM_MS = 400

/** All the acts of a `Desk`. */
export function actsOf(desk) {
  const acts = {
    ...queueActs(desk), ...visitActs(desk), ...deviceActs(desk), ...printActs(desk), ...pageActs(desk), ...wayActs(desk),
    ...actionActs(desk), ...screenActs(desk),
  }
  const inMeeting = { scan: acts.scan, print: acts.print, "ask-help": acts.help, "end-visit": acts.end }
  return {
    ...acts,
    meetingButton: ({ detail }) => acts.pressAction(detail.id) || inMeeting[detail.id]?.(),
    meetingAction: ({ detail }) => answerNotice(desk, acts, detail),
  }
}

/** Say why something cannot be done now; true when it cannot. */
function isBarred(desk, why) {
  if (why) desk.toast(whyText(why), "notice")
  return Boolean(why)
}

function isCalm(desk, name) {
  return desk.state.pending[name] - Date.now() < UNDO_MS - CALM_MS
}

function queueActs(desk) {
  const ticket = (row, event) => desk.send(`row ${row.id}`, "POST", `/api/desk/tickets/${row.id}/${event}`, {})
  const rowActs = {
    pick: ({ id, version }) => desk.send(`row ${id}`, "POST", "/api/desk/calls", { ticket: id, version }),
    resume: (row) => ticket(row, "resumption"),
    reinstate: (row) => ticket(row, "reinstatement"),
  }
  return {
    be: (state) => desk.send("availability", "PUT", "/api/desk/availability", { state }),
    row: (row) => rowActs[rowAct(row, desk.state.server)]?.(row),
    callNext: () =>
      isBarred(desk, whyNotCall(desk.state.server)) || desk.send("call", "POST", "/api/desk/calls", {}),
    recall: () =>
      isBarred(desk, whyNotRecall(desk.state.server)) ||
      desk.send("recall", "POST", `/api/visits/${desk.state.server.visit.id}/recall`, {}),
  }
}

function visitActs(desk) {
  const visit = () => desk.state.server?.visit
  /** A page that is being removed goes first: afterwards the visit is not this desk's any more. */
  const move = async (event, body = {}) =>
    (await desk.hasten(REMOVAL)) && visit() && desk.send(event, "POST", `/api/visits/${visit().id}/${event}`, body)
  const endNow = () => {
    desk.keep("end")
    return move("ending", { outcomes: outcomesOf(desk.state) })
  }
  return {
    look: (camera) => desk.send("camera", "PUT", `/api/visits/${visit().id}/camera`, { camera }),
    help: () => visit() && desk.send("help", "POST", `/api/visits/${visit().id}/help`, {}),
    noShow: () => isBarred(desk, whyNotRecall(desk.state.server)) || move("no-show"),
    park: () => isBarred(desk, whyNotMove(visit(), "park")) || move("parking"),
    askTransfer: () => isBarred(desk, whyNotMove(visit(), "transfer")) || desk.update({ dialog: { kind: "transfer" } }),
    transfer: async () => {
      const { to, id, reason } = desk.state.choices.transfer
      const body = to === "queue" ? { to, reason } : { to, id, reason }
      if (await move("transfer", body)) desk.update({ dialog: null })
    },
    end: () => isBarred(desk, whyNotMove(visit(), "end")) || desk.later("end", UNDO_MS, endNow),
    endNow: () => isCalm(desk, "end") && endNow(),
    keepOn: () => isCalm(desk, "end") && desk.keep("end"),
    close: () => move("closing", { outcomes: outcomesOf(desk.state) }),
    ...stepActs(desk, visit),
  }
}

function stepActs(desk, visit) {
  const patch = (step, body) => desk.send(`step ${step.id}`, "PATCH", `/api/visits/${visit().id}/steps/${step.id}`, body)
  const makeCurrent = (step) => {
    desk.choose("note", "")
    return patch(step, { current: true })
  }
  return {
    makeCurrent,
    remark: (note) => desk.choose("note", note),
    stepTo: async (step, state) => {
      const { note } = desk.state.choices
      const body = note.trim() ? { state, note } : { state }
      if (!(await patch(step, body))) return
      desk.choose("note", "")
      if (state === "done") await advance(desk, step)
    },
  }
}

/** Go on to the next step that is to be done, unless the bridge has done so. */
async function advance(desk, step) {
  const { visit } = desk.state.server
  if (!visit || visit.current_step !== step.id) return
  const steps = allSteps(visit)
  const rest = steps.slice(steps.findIndex((one) => one.id === step.id) + 1)
  const next = rest.find((one) => one.state !== "done")
  if (!next) return
  const path = `/api/visits/${visit.id}/steps/${next.id}`
  await desk.send(`step ${next.id}`, "PATCH", path, { current: true })
}

function deviceActs(desk) {
  const jobs = () => `/api/visits/${desk.state.server.visit.id}/jobs`
  const turnPage = (job, isLast = false) =>
    desk.send("scan", "POST", `${jobs()}/${job.id}/next-page`, { page: job.awaits_page, is_last: isLast })
  return {
    turnPage,
    scan: () => {
      const { visit } = desk.state.server ?? {}
      if (isBarred(desk, whyNotScan(visit))) return undefined
      const waiting = pageAwaited(visit)
      if (waiting) return turnPage(waiting)
      return desk.order("scan", jobs(), scanRequest(plannedScan(desk.state)))
    },
    choose: (kind, fields) => desk.choose(kind, fields),
    see: (job) => desk.update({ seen: [...desk.state.seen, job.id] }),
    again: (job) => desk.order(job.kind, jobs(), repetitionOf(job, desk.state.server.visit)),
    cancel: (job) => desk.send(`cancel ${job.id}`, "POST", `${jobs()}/${job.id}/cancellation`, {}),
    confirm: (job, cameOut) =>
      desk.send(`confirm ${job.id}`, "POST", `${jobs()}/${job.id}/confirmation`, { came_out: cameOut }),
  }
}

/** What the scan button would do now. */
export function plannedScan({ server, choices }) {
  const { visit } = server
  const current = currentStep(visit)
  const step = current?.scan ? current : null
  const device = chosenDevice(devicesFor(visit, "scan"), choices.scan.device)
  const { device: _device, step: chosenFor, ...chosen } = choices.scan
  // What was chosen for one step is not meant for the next.
  const kept = chosenFor === (step?.id ?? null) ? chosen : {}
  const options = scanOptions({ device, step, chosen: kept })
  const quality = qualityOf({ device, step, options, chosen: kept })
  const filters = (visit.filters ?? []).map(({ key }) => key).filter((key) => choices.filters?.[key])
  const side = wantedSide(visit, step, kept.is_card)
  return { device, step, side, quality, options: filters.length ? { ...options, filters } : options }
}
