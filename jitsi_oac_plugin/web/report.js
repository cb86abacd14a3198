// When this part cannot do its work: one line in the console, one report to the bridge.
// @ts-check

const told = new Set()

/** Tell once for each reason; the desk works all the same. */
export function report({ bridge, reason, visit, client }) {
  if (told.has(reason)) return
  told.add(reason)
  console.warn(`oac: no panel in this meeting (${reason}); the desk at ${bridge}/desk works as ever`)
  // As plain text it is asked without a preflight; no cookie goes with it.
  const body = JSON.stringify({ reason, visit, client: client.slice(0, 40) })
  const wish = { method: "POST", mode: "no-cors", credentials: "omit", keepalive: true, body }
  fetch(`${bridge}/api/meeting/reports`, /** @type {RequestInit} */ (wish)).catch(() => {})
}
