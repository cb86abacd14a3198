// Where the strips of a live preview belong on the canvas. Pure.
// @ts-check

const GROWTH = 1.5

/** What the canvas shows before any strip came. */
export const BLANK = Object.freeze({ job: null, page: 0, width: 0, height: 0, filled: 0 })

/**
 * Take one strip: the new `sheet` (job, page, size in pixels, rows filled so far), and what has to
 * be done with the canvas: "clear" for another page, "grow" when the height was not foreseen,
 * "keep", or "skip" for a strip of a page that is over.
 */
export function takeStrip(sheet, strip) {
  const isSame = sheet.job === strip.job && sheet.page === strip.page
  if (sheet.job === strip.job && strip.page < sheet.page) return { sheet, canvas: "skip" }
  const bottom = strip.top + strip.height
  const foreseen = strip.total_height ?? 0
  if (!isSame || strip.width !== sheet.width) {
    const height = Math.max(foreseen, bottom, Math.round(strip.width * Math.SQRT2 * Number(!foreseen)))
    return { sheet: { ...place(strip), height, filled: bottom }, canvas: "clear" }
  }
  const filled = Math.max(sheet.filled, bottom)
  if (bottom <= sheet.height) return { sheet: { ...sheet, filled }, canvas: "keep" }
  const height = Math.max(bottom, Math.round(sheet.height * GROWTH))
  return { sheet: { ...sheet, height, filled }, canvas: "grow" }
}

function place({ job, page, width }) {
  return { job, page, width }
}
