// One RTCPeerConnection between the two browsers, with perfect negotiation (W3C webrtc-pc, 10.7).
// The clerk makes the first offer, so that there is one audio and one video line and no more;
// afterwards either side may offer. When both do at once, the citizen (polite) gives way.
// @ts-check

const KINDS = Object.freeze(["audio", "video"])

export class Peering {
  #pc
  #isPolite
  #stream
  #hear
  #isIgnoring = false
  #turn = Promise.resolve()

  /**
   * @param {{iceServers: any[], isPolite: boolean, stream: MediaStream, hear: {
   *   say: (kind: string, content: any) => void, changed: () => void,
   *   remote: (stream: MediaStream) => void, broken: (error: unknown) => void}}} how
   *   `stream` holds this side's tracks; those that come later are given to `replace()`.
   */
  constructor({ iceServers, isPolite, stream, hear }) {
    this.#pc = new RTCPeerConnection({ iceServers })
    this.#isPolite = isPolite
    this.#stream = stream
    this.#hear = hear
    this.#pc.onconnectionstatechange = () => hear.changed()
    this.#pc.onicecandidate = ({ candidate }) => candidate && hear.say("candidate", candidate.toJSON())
    this.#pc.ontrack = ({ streams }) => streams[0] && hear.remote(streams[0])
    this.#pc.onnegotiationneeded = () => this.#inTurn(() => this.#offer())
  }

  /** RTCPeerConnection's connectionState. */
  get connection() {
    return this.#pc.connectionState
  }

  /** Make the first offer. Lines without a device are open as well: it may be plugged in later. */
  open() {
    for (const kind of KINDS) {
      const how = /** @type {const} */ ({ direction: "sendrecv", streams: [this.#stream] })
      this.#pc.addTransceiver(this.#track(kind) ?? kind, how)
    }
  }

  /** Take what the other side said. */
  take({ description, candidate }) {
    return this.#inTurn(() => (description ? this.#describe(description) : this.#add(candidate)))
  }

  /** Look for a new way through the network; an offer that got no answer is made again. */
  mend() {
    if (this.#pc.signalingState === "have-local-offer") this.repeat()
    else this.#pc.restartIce()
  }

  /** Say the offer again that may have been lost, with the candidates found since. */
  repeat() {
    const { signalingState, localDescription } = this.#pc
    if (signalingState === "have-local-offer") this.#hear.say("description", plain(localDescription))
  }

  /** Send another track, or null for none, on the line of its kind. */
  async replace(kind, track) {
    const line = this.#pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind)
    if (track || kind === "audio") return line?.sender.replaceTrack(track)
    // Without a last dark picture the other side would go on seeing the one before it.
    const dark = darkness()
    await line?.sender.replaceTrack(dark.track)
    dark.draw()
  }

  /** The level of the other's voice, 0 to 1. */
  get voice() {
    const receivers = this.#pc.getReceivers().filter(({ track }) => track.kind === "audio")
    const sources = receivers.flatMap((receiver) => receiver.getSynchronizationSources())
    return Math.max(0, ...sources.map(({ audioLevel }) => audioLevel ?? 0))
  }

  stats() {
    return this.#pc.getStats()
  }

  close() {
    this.#pc.onconnectionstatechange = this.#pc.onicecandidate = null
    this.#pc.ontrack = this.#pc.onnegotiationneeded = null
    this.#pc.close()
  }

  #track(kind) {
    return this.#stream.getTracks().find((track) => track.kind === kind)
  }

  async #offer() {
    if (this.#pc.signalingState !== "stable") return
    await this.#pc.setLocalDescription()
    this.#sayDescription()
  }

  async #describe(description) {
    const { signalingState } = this.#pc
    const isOffer = description.type === "offer"
    this.#isIgnoring = !this.#isPolite && isOffer && signalingState !== "stable"
    // An answer comes too late when the offer was withdrawn or answered before.
    if (this.#isIgnoring || (!isOffer && signalingState !== "have-local-offer")) return
    await this.#pc.setRemoteDescription(description)
    if (!isOffer) return
    await this.#joinLines()
    await this.#pc.setLocalDescription()
    this.#sayDescription()
  }

  /** Send on the lines that the other side opened. */
  async #joinLines() {
    for (const line of this.#pc.getTransceivers()) {
      if (line.direction === "sendrecv") continue
      line.direction = "sendrecv"
      line.sender.setStreams(this.#stream)
      await line.sender.replaceTrack(this.#track(line.receiver.track.kind) ?? null)
    }
  }

  async #add(candidate) {
    if (this.#isIgnoring || !this.#pc.remoteDescription) return
    try {
      await this.#pc.addIceCandidate(candidate)
    } catch (error) {
      // One that belongs to an offer withdrawn since; others find the way.
      if (!(error instanceof DOMException)) throw error
    }
  }

  #sayDescription() {
    this.#hear.say("description", plain(this.#pc.localDescription))
  }

  /** One thing at a time: an offer of our own never comes between another one and its answer. */
  #inTurn(work) {
    this.#turn = this.#turn.then(async () => {
      if (this.#pc.signalingState === "closed") return
      try {
        await work()
      } catch (error) {
        // Whatever the other side said wrong may cost this connection, never the page.
        if (this.#pc.signalingState !== "closed") this.#hear.broken(error)
      }
    })
    return this.#turn
  }
}

function plain({ type, sdp }) {
  return { type, sdp }
}

/** A picture of nothing. Its track gives a frame whenever it is drawn. */
function darkness() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 })
  const pen = canvas.getContext("2d")
  const draw = () => pen.fillRect(0, 0, canvas.width, canvas.height)
  draw()
  return { draw, track: canvas.captureStream().getVideoTracks()[0] }
}
