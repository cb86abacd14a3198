// This side's own microphone and camera, off for a moment and on again. Pure.
// @ts-check
export const KINDS = Object.freeze(["audio", "video"])
const NAMES = Object.freeze({ audio: "microphone", video: "camera" })

/** The kinds of which nothing goes to the other side: turned off, or not to be had. */
export function ungiven({ off, missing }) {
  const lacks = (kind) => missing.some((key) => key.startsWith(`${NAMES[kind]}-`))
  return KINDS.filter((kind) => off.includes(kind) || lacks(kind))
}

/** The kinds that are off after one of them was turned. */
export function turned(off, kind) {
  return off.includes(kind) ? off.filter((one) => one !== kind) : [...off, kind]
}

/** Have the tracks of a stream heed what is off; one that comes back after a fault stays off as well. */
export function heed(stream, off) {
  for (const track of stream?.getTracks() ?? []) track.enabled = !off.includes(track.kind)
}
