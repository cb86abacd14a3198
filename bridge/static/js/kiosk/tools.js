// What this screen can do by itself, told to the bridge whenever it is connected.
// @ts-check
import { api } from "../lib/api.js"

/** Tell it; a failure is told again with the next connection. */
export function tellDevices() {
  api.put("/api/kiosk/devices", { devices: ["signature"] }).catch(() => {})
}
