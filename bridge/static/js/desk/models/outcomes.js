// How each service of a visit ended. Pure.
// @ts-check

/** The outcome of every service: what was chosen, what it has already, else what its steps say; null is not decided. */
export function outcomesOf({ server, choices }) {
  return Object.fromEntries(server.visit.services.map((service) => [service.id, choices.outcomes[service.id] ?? service.outcome ?? presetOf(service)]))
}

/** Only what is done to the last step is certain; of anything else the clerk alone knows. */
function presetOf({ steps = [] }) {
  return steps.length && steps.every(({ state }) => state === "done") ? "done" : null
}
