// Which of a counter's cameras shows the person and which one the paper. Pure.
// @ts-check

/** What makers call cameras that look down on a table. */
const DOCUMENT = /document|visuali[sz]er|overhead|scanner cam|\bdoc\b|ipevo|v4k|vz-?[rx]|elmo|avervision|\bsmart ?doc|czur|fujitsu sv/i

export const HEIGHTS = Object.freeze({ person: 720, document: 1080 })

/** The camera for `kind`, "person" or "document", or null. `label` is a part of the document camera's. */
export function pickCamera(devices, { kind, label = "" }) {
  const isDocument = (device) =>
    label ? device.label.toLowerCase().includes(label.toLowerCase()) : DOCUMENT.test(device.label)
  const fitting = devices.filter((device) => isDocument(device) === (kind === "document"))
  return fitting[0] ?? null
}

/** What Jitsi's page is to send from now on. */
export function sending(kind) {
  const height = HEIGHTS[kind]
  // A paper wants letters that can be read, a face wants to move.
  const frameRate = kind === "document" ? { ideal: 15, max: 30 } : { ideal: 30 }
  const video = { height: { ideal: height, max: height, min: 240 }, frameRate }
  return { resolution: height, constraints: { video } }
}
