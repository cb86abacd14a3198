// Why a meeting on a Jitsi server broke off, out of what its page says. Pure.
// @ts-check

/** lost: came to an end by itself; silent: nothing was said any more; refused: not let in; … */
const CAUSES = Object.freeze({
  "connection.passwordRequired": "refused",
  "conference.passwordRequired": "refused",
  "conference.authenticationRequired": "refused",
  "conference.connectionError.notAllowed": "refused",
  "conference.connectionError.accessDenied": "refused",
  "conference.reservationError": "refused",
  "conference.max_users": "refused",
  "conference.destroyed": "closed",
})
/** In the lobby one waits to be let in, which is no failure yet. */
const LOBBY = "conference.connectionError.membersOnly"

/** The cause in an `errorOccurred`, or null when the meeting's page goes on in spite of it. */
export function causeOf({ name = "", isFatal = false } = {}) {
  return CAUSES[name] ?? (isFatal && name !== LOBBY ? "lost" : null)
}

/**
 * The cause for a side, of what its frame said: a page that finishes unasked was replaced by a later
 * one of the same person, of which a clerk may have two, and the counter one.
 */
export function causeFor(side, cause) {
  if (cause !== "finished") return cause
  return side === "clerk" ? "removed" : "lost"
}

/** What a person in the hall is told: whoever is refused needs another remedy than who hears nothing. */
export function faultOf(cause) {
  return cause === "refused" || cause === "removed" ? "refused" : "silent"
}
