// The desk's signs: strokes on a 24 × 24 grid, in the colour of the text beside them.
// @ts-check
import { html, nothing, svg } from "../../lib/element.js"

const STROKES = {
  bell: ["M6 16V11a6 6 0 0 1 12 0v5l2 2H4z", "M10 21h4"],
  again: ["M4 12a8 8 0 0 1 14-5l2 2", "M20 4v5h-5", "M20 12a8 8 0 0 1-14 5l-2-2", "M4 20v-5h5"],
  away: ["M9 8a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "M5 20c0-4 3-6 7-6", "M15 15l5 5", "M20 15l-5 5"],
  scan: ["M4 8V4h4", "M16 4h4v4", "M20 16v4h-4", "M8 20H4v-4", "M4 12h16"],
  print: ["M7 9V3h10v6", "M7 18H4v-9h16v9h-3", "M7 14h10v7H7z"],
  stop: ["M6 6h12v12H6z"],
  help: ["M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18", "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7", "M12 17h.01"],
  tick: ["M4 13l5 5L20 6"],
  pencil: ["M4 20l1-4L16 5l3 3L8 19z"],
  rotate: ["M20 12a8 8 0 1 1-3-6.2", "M20 3v5h-5"],
  card: ["M3 6h18v12H3z", "M6 10h4v4H6z", "M13 10h5", "M13 14h5"],
  crop: ["M7 2v15h15", "M2 7h15v15"],
  undo: ["M9 5L4 10l5 5", "M4 10h10a6 6 0 0 1 0 12h-3"],
  remove: ["M5 7h14", "M10 7V4h4v3", "M7 7l1 13h8l1-13"],
  send: ["M4 12h15", "M13 6l6 6-6 6"],
  pause: ["M8 5v14", "M16 5v14"],
  end: ["M6 6l12 12", "M18 6L6 18"],
  chair: ["M7 3v10h10", "M17 13v8", "M7 13v8", "M7 17h10"],
  sound: ["M4 9v6h4l5 4V5L8 9z", "M16 9a4 4 0 0 1 0 6", "M18.5 6.5a8 8 0 0 1 0 11"],
  mute: ["M4 9v6h4l5 4V5L8 9z", "M17 10l4 4", "M21 10l-4 4"],
  phone: ["M6 3h4l2 5-3 2a11 11 0 0 0 5 5l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z"],
  left: ["M15 5l-7 7 7 7"],
  right: ["M9 5l7 7-7 7"],
  up: ["M5 15l7-7 7 7"],
  down: ["M5 9l7 7 7-7"],
}

/** The sign called `name`; it says nothing by itself, the words beside it do. */
export function icon(name) {
  const strokes = STROKES[name]
  if (!strokes) return nothing
  return html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    ${strokes.map((stroke) => svg`<path d=${stroke}></path>`)}</svg>`
}
