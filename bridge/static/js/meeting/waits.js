// How long a meeting that broke off waits before it is opened anew. Pure.
// @ts-check
import { waitAfter } from "./recovery.js"

const WAITS = Object.freeze({
  // Short, because a server that is back cannot say so: nobody waits five seconds for it.
  lost: [500, 1_000, 2_000, 3_000],
  // Whoever is turned away and comes back at once is turned away for longer.
  refused: [1_000, 5_000, 15_000, 30_000],
})
/** A hall of screens does not come back in one and the same moment. */
const JITTER = 0.5

/** Milliseconds until try number `attempt`; `random` is between 0 and 1. */
export function waitBefore(attempt, { isTurnedAway, random }) {
  return waitAfter(attempt, isTurnedAway ? WAITS.refused : WAITS.lost) * (1 + JITTER * random)
}
