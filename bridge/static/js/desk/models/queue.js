// The queue and the counters as the clerk sees them, and what may be done with them now. Pure.
// @ts-check

const RANK = { called: 0, connecting: 0, serving: 0, interrupted: 0, waiting: 1, parked: 2, no_show: 3 }

/** Rows in the order of the list: who is being served, who waits, who is parked, who was missed. */
export function sortRows(rows = []) {
  const rank = (row) => RANK[row.state] ?? 4
  return [...rows].sort(
    (a, b) =>
      rank(a) - rank(b) || a.priority - b.priority || (a.issued_at < b.issued_at ? -1 : 1),
  )
}

export function waitingRows(rows = []) {
  return sortRows(rows).filter((row) => row.state === "waiting")
}

/** Rows that have begun to wait since `before`, for a clerk who could call them: else none. */
export function arrivals(before, after) {
  if (!before || !after || after.visit || after.clerk.state !== "available") return []
  const known = new Set(waitingRows(before.queue).map((row) => row.id))
  return waitingRows(after.queue).filter((row) => !known.has(row.id))
}

/** What may be done with a row: "pick", "resume", "reinstate" or null. */
export function rowAct(row, { visit, clerk }) {
  const may = (right) => (clerk?.rights ?? []).includes(right)
  if (row.state === "no_show") return may("ticket:reinstate") ? "reinstate" : null
  if (visit || clerk?.state === "break") return null
  if (row.state === "parked") return "resume"
  return row.state === "waiting" && may("ticket:pick") ? "pick" : null
}

/** Why nobody can be called now: a key, or null when somebody can. */
export function whyNotCall(server) {
  if (server.visit) return "visit-open"
  const { state } = server.clerk
  if (state !== "available") return state === "wrap_up" ? "visit-open" : "not-available"
  return waitingRows(server.queue).length ? null : "nobody-waits"
}

/** Why a called ticket cannot be called again or marked as missed: a key or null. */
export function whyNotRecall(server) {
  if (!server.visit) return "nobody-called"
  return server.visit.ticket.state === "called" ? null : "citizen-is-there"
}

/** Why the visit cannot be parked, handed on or ended: a key or null. */
export function whyNotMove(visit, move) {
  if (!visit) return "no-visit"
  const { state } = visit.ticket
  if (state === "wrap_up" || visit.ended_at) return "visit-ended"
  const allowed = {
    park: ["serving"],
    transfer: ["connecting", "serving", "interrupted"],
    end: ["connecting", "serving", "interrupted"],
  }
  return allowed[move].includes(state) ? null : state === "called" ? "citizen-away" : "not-met"
}

/** What a clerk may choose to be now. */
export function isAtLeisure(clerk) {
  return ["available", "break", "back_office", "offline"].includes(clerk.state)
}

/** Where a visit stands for the middle of the desk. */
export function stageOf(server) {
  const visit = server?.visit
  if (!visit) return "empty"
  if (visit.ended_at || visit.ticket.state === "wrap_up") return "wrap-up"
  return visit.ticket.state === "called" ? "called" : "meeting"
}
