// Nothing on the kiosk scrolls. Where a text is longer than foreseen, its letters step down.
// @ts-check

/** Fractional sizes are rounded when they are measured. */
const TOLERANCE_PX = 1
const STEPS = ["", "1", "2", "3", "4", "5", "6"]

/** Give every `[data-fit]` in `root` the largest letters with which it overflows nowhere. */
export function fit(root) {
  for (const box of root.querySelectorAll("[data-fit]")) {
    for (const step of STEPS) {
      if (step) box.dataset.dense = step
      else delete box.dataset.dense
      if (!overflows(box)) break
    }
  }
}

function overflows(box) {
  const isTooWide = (element) => element.scrollWidth > element.clientWidth + TOLERANCE_PX
  const sticksOut = (element) =>
    isTooWide(element) || element.scrollHeight > element.clientHeight + TOLERANCE_PX
  // A long word sticks out of its own block, a long title out of the button that holds it.
  return [box, ...box.querySelectorAll("button")].some(sticksOut) ||
    [...box.querySelectorAll("h1, h2, p, .row-title")].some(isTooWide)
}
