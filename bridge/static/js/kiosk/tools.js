// What this screen can do by itself, told to the bridge whenever it is connected or a meeting begins.
// @ts-check
import { api } from "../lib/api.js"
import { documentCamera } from "./camera.js"

/** Tell it; names of cameras are known in a meeting. A failure is told again with the next one. */
export async function tellDevices(join = null) {
  try {
    const camera = join && (await documentCamera(join.document_camera))
    await api.put("/api/kiosk/devices", { devices: ["signature", ...(camera ? ["camera"] : [])] })
  } catch {
    // The bridge is away: it is told when it is there.
  }
}
