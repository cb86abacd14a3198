// Outlines of papers on a page, in millimetres of the page as it is shown: a rectangle that was
// turned clockwise around its middle. Pure.
// @ts-check

const MM_PER_INCH = 25.4
/** As the bridge has them. */
const LEAST_MM = 5
const MOST_ANGLE = 45

/** Width and height of a page as it is shown. */
export function sizeOf({ width_px: width, height_px: height, dpi, rotation }) {
  const sides = [width, height].map((pixels) => (pixels / dpi) * MM_PER_INCH)
  const [across, down] = rotation % 180 ? sides.reverse() : sides
  return { across, down }
}

/** The whole page: what is cut when nothing is proposed. */
export function wholeOf(page) {
  const { across, down } = sizeOf(page)
  return { left_mm: 0, top_mm: 0, width_mm: across, height_mm: down, angle: 0 }
}

/** Whether the outline is as large as the page, so that it is only straightened. */
export function isWhole(outline, page) {
  const { across, down } = sizeOf(page)
  return Math.abs(outline.width_mm - across) < 1 && Math.abs(outline.height_mm - down) < 1
}

/** Whether an outline would change nothing. */
export function isIdle(outline, page) {
  return isWhole(outline, page) && !outline.angle
}

/** The four corners, clockwise from the upper left. */
export function cornersOf(outline) {
  const { width_mm: width, height_mm: height } = outline
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => from(outline, (x * width) / 2, (y * height) / 2))
}

/** The outline with one corner drawn to `point`; the corner across stays where it is. */
export function drawn(outline, corner, point, page) {
  const { across, down } = sizeOf(page)
  const end = { x: between(0, point.x, across), y: between(0, point.y, down) }
  const fixed = cornersOf(outline)[(corner + 2) % 4]
  const { x, y } = turned(-outline.angle, end.x - fixed.x, end.y - fixed.y)
  const width = Math.max(LEAST_MM, Math.abs(x))
  const height = Math.max(LEAST_MM, Math.abs(y))
  const half = turned(outline.angle, (Math.sign(x) * width) / 2, (Math.sign(y) * height) / 2)
  return around({ x: fixed.x + half.x, y: fixed.y + half.y }, width, height, outline.angle)
}

/** The outline as the bridge takes it: on the page, not tiny, in tenths. */
export function fitted(outline, page) {
  const { across, down } = sizeOf(page)
  const number = (value, fallback) => (Number.isFinite(value) ? value : fallback)
  const width = between(LEAST_MM, number(outline.width_mm, across), across)
  const height = between(LEAST_MM, number(outline.height_mm, down), down)
  const plain = {
    left_mm: between(-width / 2, number(outline.left_mm, 0), across - width / 2),
    top_mm: between(-height / 2, number(outline.top_mm, 0), down - height / 2),
    width_mm: width, height_mm: height, angle: between(-MOST_ANGLE, number(outline.angle, 0), MOST_ANGLE),
  }
  return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, Math.round(value * 10) / 10]))
}

function around({ x, y }, width, height, angle) {
  return { left_mm: x - width / 2, top_mm: y - height / 2, width_mm: width, height_mm: height, angle }
}

function from({ left_mm: left, top_mm: top, width_mm: width, height_mm: height, angle }, x, y) {
  const point = turned(angle, x, y)
  return { x: left + width / 2 + point.x, y: top + height / 2 + point.y }
}

function turned(angle, x, y) {
  const turn = (angle * Math.PI) / 180
  return { x: x * Math.cos(turn) - y * Math.sin(turn), y: x * Math.sin(turn) + y * Math.cos(turn) }
}

function between(least, value, most) {
  return Math.min(most, Math.max(least, value))
}
