// The clerk's own microphone and camera, off for a moment and on again, in the direct meeting. Pure.
// @ts-check
export const KINDS = Object.freeze(["audio", "video"])

/** The kinds that are off after one of them was turned. */
export function turned(off, kind) {
  return off.includes(kind) ? off.filter((one) => one !== kind) : [...off, kind]
}

/** Have the tracks of a stream heed what is off; one that comes back after a fault stays off as well. */
export function heed(stream, off) {
  for (const track of stream?.getTracks() ?? []) track.enabled = !off.includes(track.kind)
}
