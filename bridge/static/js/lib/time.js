// Times as staff pages show them. Pure.
// @ts-check

/** Whole seconds from a moment (ISO 8601) to `nowMs`, never less than none; 0 without a moment. */
export function elapsed(since, nowMs) {
  const from = Date.parse(since ?? "")
  return Number.isNaN(from) ? 0 : Math.max(0, Math.floor((nowMs - from) / 1000))
}

/** Seconds as `4:07` or `1:02:07`. */
export function clockText(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60]
  const hours = Math.floor(seconds / 3600)
  const [minutes, rest] = parts.map((part) => String(part).padStart(2, "0"))
  return hours ? `${hours}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`
}

/** How far the bridge's clock is ahead of this computer's, in milliseconds. */
export function clockOffset(serverNow, localMs) {
  const there = Date.parse(serverNow ?? "")
  return Number.isNaN(there) ? 0 : there - localMs
}
