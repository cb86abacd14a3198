// The signs on the buttons in the meeting: paths for our own page, data URIs for Jitsi's. Pure.
// @ts-check

const PATHS = Object.freeze({
  "scan": "M3 3h6v2H5v4H3zM15 3h6v6h-2V5h-4zM19 15h2v6h-6v-2h4zM3 15h2v4h4v2H3zM3 11h18v2H3z",
  "print": "M7 3h10v4H7zM3 8h18v9h-3v-3H6v3H3zM8 16h8v5H8z",
  "ask-help": "M8 11V5a1.4 1.4 0 0 1 2.8 0V3.4a1.4 1.4 0 0 1 2.8 0V5a1.4 1.4 0 0 1 2.8 0v9c0 4.5-2.4 7-6 7-3 0-4.6-1.4-5.8-4L3.3 12.6a1.4 1.4 0 0 1 2.4-1.5z",
  "end-visit": "M12 8c-4 0-8 1.4-9.6 3.7-.7 1 .3 3.8 1.4 3.8L8 14.4V12c2.4-.9 5.6-.9 8 0v2.4l4.2 1.1c1.1 0 2.1-2.8 1.4-3.8C20 9.4 16 8 12 8z",
  "audio": "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 11h2a4 4 0 0 0 8 0h2a6 6 0 0 1-5 5.9V21h-2v-4.100A6 6 0 0 1 6 11z",
  "audio-off": "M9 5a3 3 0 0 1 6 0v5.200L9 4.800zM3.700 2.300l18 18-1.400 1.400-5-5a6 6 0 0 1-2.300.9V21h-2v-3.100A6 6 0 0 1 6 12h2a4 4 0 0 0 5.800 3.500L2.300 3.700z",
  "video": "M3 6h12v4l6-3v10l-6-3v4H3z",
  "video-off": "M7.500 6H15v4l6-3v10l-3-1.500zM3.700 2.300l18 18-1.400 1.400L16.600 18H3V6h1.600L2.300 3.700z",
})
const OTHER = "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z"

/** The path of the sign called `name`, 24 by 24; `name` may be such a path. */
export function signPath(name) {
  // A plugin brings the path itself; the bridge has let nothing else through.
  return PATHS[name] ?? (/^[Mm][\d\s.-]/.test(name) ? name : OTHER)
}

/** The sign as a data URI. Jitsi shows it as an image and does not colour it: it brings its own. */
export function iconUri(name, colour = "#ffffff") {
  const path = `<path fill="${colour}" d="${signPath(name)}"/>`
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${path}</svg>`
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
}
