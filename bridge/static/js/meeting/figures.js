// What the statistics of a connection say about the picture and the sound that arrive. Pure.
// @ts-check

/** Nothing known, as for a meeting whose pictures another page shows. */
export const NO_FIGURES = Object.freeze({
  framesDecoded: null,
  framesPerSecond: null,
  width: null,
  height: null,
  roundTripMs: null,
  audioPackets: null,
  audioEnergy: null,
})

/** The figures, as NO_FIGURES names them, of an RTCStatsReport's entries; null is what is not known. */
export function figuresOf(entries) {
  const inbound = (wanted) => entries.find(({ type, kind }) => type === "inbound-rtp" && kind === wanted)
  const [video, audio] = [inbound("video"), inbound("audio")]
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
    audioPackets: audio?.packetsReceived ?? null,
    audioEnergy: audio?.totalAudioEnergy ?? null,
  }
}
