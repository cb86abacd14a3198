// How a visit meets, whether that works, and how else it could go on. Pure.
// @ts-check

const IN_MEETING = ["called", "connecting", "serving", "interrupted"]

/** What is wrong with the way in which visits meet: a key of words/ways.js, or null. */
export function troubleOf(meeting) {
  return meeting?.reason ?? null
}

/** The other ways in which a visit could go on, best first; none once it is over. */
export function otherWays({ visit, meeting }) {
  if (!visit || visit.ended_at || !IN_MEETING.includes(visit.ticket.state)) return []
  return (meeting?.choices ?? []).filter((way) => way !== visit.provider)
}

/** Why the other ways are offered outright, as a key of words/ways.js; null leaves them in a menu. */
export function whyMove({ visit, meeting }) {
  if (!visit || visit.provider === "phone") return null
  if (visit.refusals?.clerk) return "clerk-refused"
  if (visit.refusals?.citizen) return "citizen-refused"
  if (visit.ticket.state === "interrupted") return "interrupted"
  return visit.provider === "jitsi" && meeting && !meeting.is_ready ? "server" : null
}

/** Names one incarnation of a visit's meeting; whoever sits in another one sits anew. */
export function meetingKey(visit) {
  return `${visit.id} ${visit.provider}`
}
