// The two sides of an identity card. Pure.
// @ts-check

const SIDES = ["front", "back"]
/** ISO/IEC 7810 ID-1, and what the bridge takes for it. */
const CARD_MM = [85.6, 53.98]
const TOLERANCE_MM = 2

/** The sides that a document shows, by their names. */
export function sidesOf(document) {
  const sided = (document?.pages ?? []).filter(({ side }) => side)
  return Object.fromEntries(sided.map((page) => [page.side, page]))
}

/** The side that a step's next scan is of, or null: both are there, or it is no card. */
export function wantedSide(visit, step, isCard = true) {
  if (step?.scan?.layout !== "card" || !isCard) return null
  const document = (visit.documents ?? []).find((one) => one.id === step.document)
  const sides = sidesOf(document)
  if (document?.pages?.length && !Object.keys(sides).length) return null
  return SIDES.find((side) => !sides[side] || sides[side].state === "barred") ?? null
}

/** Why both sides cannot be put on one page yet: a key, or null when they can. */
export function whyNotCard(document) {
  const sides = sidesOf(document)
  if (SIDES.some((side) => !sides[side])) return "side-missing"
  return SIDES.every((side) => sides[side].state === "visible" && sides[side].is_looked_at) ? null : "side-unfit"
}

/** Whether the card was looked for on a side and not found, so that it is to be cropped by hand. */
export function lacksCard(page) {
  if (!page.side || page.state !== "visible" || page.made || !page.is_looked_at) return false
  const sides = [page.outline?.width_mm, page.outline?.height_mm].sort((a, b) => b - a)
  return !page.outline || sides.some((side, at) => Math.abs(side - CARD_MM[at]) > TOLERANCE_MM)
}
