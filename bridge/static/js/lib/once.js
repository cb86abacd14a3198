// Of two touches of one button one is a wish. Pure.
// @ts-check

/** `act`, which answers a promise, for a button: while one press is on its way, another is that one. */
export function once(act) {
  let underWay = null
  return (...given) => (underWay ??= act(...given).finally(() => (underWay = null)))
}
