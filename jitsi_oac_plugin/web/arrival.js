// Waits until Jitsi's page is there, as far as it is known from inside.
// @ts-check

const PATIENCE_MS = 20_000
const LOOK_MS = 100

/** Jitsi's page is not as it was known; `reason` is a stable key. */
export class PageUnknown extends Error {
  constructor(reason) {
    super(`oac: Jitsi's page is not as expected (${reason})`)
    this.reason = reason
  }
}

/** Jitsi's own object, once it has started. Raises PageUnknown. */
export async function arrival(window, patienceMs = PATIENCE_MS) {
  const end = Date.now() + patienceMs
  while (!isStarted(window)) {
    if (Date.now() > end) throw new PageUnknown(window.APP?.store ? "page-unknown" : "store-missing")
    await new Promise((done) => setTimeout(done, LOOK_MS))
  }
  return window.APP
}

/** The version of the client library, for reports. */
export function versionOf(window) {
  return String(window.JitsiMeetJS?.version ?? "")
}

function isStarted({ APP, document }) {
  const state = APP?.store?.getState?.()
  const hasRoom = Boolean(state?.["features/base/conference"]?.room && state["features/base/config"])
  return hasRoom && typeof APP.API?.notifyToolbarButtonClicked === "function" && Boolean(document.getElementById("react"))
}
