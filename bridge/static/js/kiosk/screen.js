// Which screen the citizen sees: a pure choice from what the bridge says and what was touched here.
// @ts-check

const PREPARING = new Set(["offline", "self_test"])
const NOT_IN_SERVICE = new Set(["needs_help", "out_of_service"])
const CALLED_AGAIN = new Set(["parked", "waiting", "rerouted"])
const IN_MEETING = new Set(["connecting", "serving", "interrupted"])

/**
 * The name of the screen. `server` is the KioskState or null; `language` what was touched, or null.
 * What the bridge knows comes first, so that a reload in mid-visit returns to the same place.
 */
export function screenOf({ server, isUnpaired = false, language = null, missed = null }) {
  if (isUnpaired) return "pairing"
  if (!server) return "starting"
  if (server.counter.state === "cleaning") return "goodbye"
  if (server.visit && IN_MEETING.has(server.ticket?.state)) return "meeting"
  if (server.visit && server.ticket?.state === "called") return "called"
  if (server.ticket?.state === "waiting") return "waiting"
  if (missed) return "missed"
  if (PREPARING.has(server.counter.state)) return "preparing"
  if (NOT_IN_SERVICE.has(server.counter.state)) return "unavailable"
  if (!server.office.is_open) return "closed"
  return language ? "errands" : "language"
}

/** Names the meeting that this screen sits in, another one after a move; null on the telephone. */
export function seatOf(screen, visit) {
  return screen === "meeting" && visit.provider !== "phone" ? `${visit.id} ${visit.provider}` : null
}

/** The language of the screen: the ticket's, once there is one; null before anybody chose. */
export function languageOf({ server, language = null, missed = null }) {
  return server?.ticket?.language ?? missed?.language ?? language
}

/** The ticket that was called and is not there any more, because nobody came: or null. */
export function missedBetween(before, after) {
  const { ticket } = before ?? {}
  return ticket?.state === "called" && !after.ticket ? ticket : null
}

/** Whether a citizen whose visit ends here is still to be called: put aside, or handed on. */
export function isCalledAgain({ ticket }) {
  return CALLED_AGAIN.has(ticket?.state)
}

/** True where choices were made that nobody has sent yet, which vanish when nobody is there. */
export function hasUnsentChoices(screen) {
  return screen === "errands"
}

/** One page of the errands, and how many pages there are. */
export function pageOf(procedures, page, size) {
  const pages = Math.max(1, Math.ceil(procedures.length / size))
  const start = (page % pages) * size
  return { pages, shown: procedures.slice(start, start + size) }
}
