// Nothing on the kiosk scrolls. Where a text is longer than foreseen, its letters step down.
// @ts-check

const STEPS = ["", "1", "2", "3", "4"]

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
  const TOLERANCE_PX = 1 // rounding of fractional sizes
  const sticksOut = (element) =>
    element.scrollHeight > element.clientHeight + TOLERANCE_PX ||
    element.scrollWidth > element.clientWidth + TOLERANCE_PX
  // A wide word sticks out of its own block, or out of the button that holds it.
  return sticksOut(box) || [...box.querySelectorAll("h1, h2, p, button, .row-title")].some(isTooWide)
}

function isTooWide(element) {
  return element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1
}
