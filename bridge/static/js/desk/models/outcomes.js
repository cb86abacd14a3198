// How each service of a visit ended. Pure.
// @ts-check

/** The outcome of every service: what was chosen, what it has already, else what its steps say. */
export function outcomesOf({ server, choices }) {
  return Object.fromEntries(server.visit.services.map((service) => [service.id, choices.outcomes[service.id] ?? service.outcome ?? presetOf(service)]))
}

/** Nothing is called done whose steps are not: the clerk who knows better chooses it. */
function presetOf({ steps = [] }) {
  const done = steps.filter(({ state }) => state === "done").length
  return done === steps.length ? "done" : done ? "partly" : "not_possible"
}
