// What the statistics of a connection say about the picture that arrives. Pure.
// @ts-check

/** Nothing known, as for a meeting whose pictures another page shows. */
export const NO_FIGURES = Object.freeze({
  framesDecoded: null,
  framesPerSecond: null,
  width: null,
  height: null,
  roundTripMs: null,
})

/** `{framesDecoded, framesPerSecond, width, height, roundTripMs}` of an RTCStatsReport's entries. */
export function figuresOf(entries) {
  const video = entries.find(({ type, kind }) => type === "inbound-rtp" && kind === "video")
  const pair = entries.find(
    ({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded",
  )
  const roundTrip = pair?.currentRoundTripTime
  return {
    framesDecoded: video?.framesDecoded ?? null,
    framesPerSecond: video?.framesPerSecond ?? null,
    width: video?.frameWidth ?? null,
    height: video?.frameHeight ?? null,
    roundTripMs: roundTrip === undefined ? null : Math.round(roundTrip * 1000),
  }
}
