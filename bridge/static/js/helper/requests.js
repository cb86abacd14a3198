// What a request for help needs next, and which requests are new. Pure.
// @ts-check

const NEXT = {
  raised: { event: "acknowledge", handle: `help-acknowledge` },
  escalated: { event: "acknowledge", handle: `help-acknowledge` },
  acknowledged: { event: "set_out", handle: `help-set-out` },
  on_the_way: { event: "arrive", handle: `help-arrive` },
}
const SOLVE = { event: "solve", handle: `help-solved` }

/** The event that comes next for a request, with the handle of its button. */
export function nextOf(request) {
  return NEXT[request.state] ?? SOLVE
}

/** Whether nobody has taken the request yet. */
export function isNew(request) {
  return request.state === "raised" || request.state === "escalated"
}

/** Requests that wait for somebody and did not before, or wait too long since: all on the first look. */
export function newRequests(before, after) {
  const nameOf = ({ id, state }) => `${id} ${state}`
  const known = new Set((before?.requests ?? []).map(nameOf))
  return after.requests.filter((one) => isNew(one) && !known.has(nameOf(one)))
}
