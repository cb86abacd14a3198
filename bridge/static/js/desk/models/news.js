// What a new state brings that has to be said aloud (aria-live), as keys with facts. Pure.
// @ts-check
import { awaitsConfirmation, endedBadly } from "./jobs.js"

/** The news between two DeskStates, oldest first. */
export function newsOf(before, after) {
  if (!before || !after) return []
  return [...ofTicket(before, after), ...ofJobs(before.visit, after.visit), ...ofHelp(before, after)]
}

function ofTicket({ visit: was }, { visit: is }) {
  if (!is) return was ? [{ key: "visit-closed", number: was.ticket.number }] : []
  if (was?.id !== is.id) return [{ key: "called", number: is.ticket.number, counter: is.counter.name }]
  const [before, now] = [was.ticket.state, is.ticket.state]
  if (before === "called" && now !== "called" && now !== "no_show") return [{ key: "arrived" }]
  return before !== now && now === "interrupted" ? [{ key: "interrupted" }] : []
}

function ofJobs(was, is) {
  if (!was || was.id !== is?.id) return []
  return is.jobs.flatMap((job) => {
    const before = was.jobs.find((other) => other.id === job.id)
    if (!before || before.state === job.state) return []
    if (job.state === "needs_attention") return [{ key: "attention", job }]
    if (job.state === "refused") return [{ key: "refused", job }]
    if (endedBadly(job) && job.state !== "cancelled") return [{ key: "failed", job }]
    if (awaitsConfirmation(job)) return [{ key: "printed", job }]
    if (job.state !== "produced") return []
    return [{ key: job.kind === "action" ? "acted" : "scanned", job }]
  })
}

function ofHelp(before, after) {
  const had = new Set(before.counters.filter((one) => one.help).map((one) => one.key))
  return after.counters
    .filter((one) => one.help && !had.has(one.key))
    .map((one) => ({ key: "help", counter: one.name }))
}
