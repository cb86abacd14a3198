// Who is in the room: people, not connections. A person whose page died stays as a ghost beside the
// one that came back, for a minute or until the server removes it. Pure.
// @ts-check
import { KINDS } from "./own-devices.js"

/** The people of one room, by what Jitsi's page tells of them. */
export class Occupants {
  #join
  /** @type {Map<string, {person: string | null, off: string[]}>} */
  #others = new Map()

  /** @param {{visit: string, side: string}} join a JoinInfo */
  constructor(join) {
    this.#join = join
  }

  came({ id, userContext }) {
    this.#others.delete(id) // so that the newest is last
    this.#others.set(id, { person: userContext?.id ?? null, off: [] })
  }

  left({ id }) {
    this.#others.delete(id)
  }

  /** Somebody's camera or microphone went off or on. */
  muted({ id, isMuted, mediaType }) {
    const other = this.#others.get(id)
    if (other) other.off = KINDS.filter((kind) => (kind === mediaType ? isMuted : other.off.includes(kind)))
  }

  /** The id of the other side's page, the newest one; null when nobody is there. */
  get peer() {
    return [...this.#others].filter(([, one]) => this.#isPeer(one)).at(-1)?.[0] ?? null
  }

  get isPeerThere() {
    return this.peer !== null
  }

  /** True when the other has a camera on, as far as was said. */
  get isPeerShown() {
    return this.peer !== null && !this.peerOff.includes("video")
  }

  /** What of the other is off, as far as was said: "audio", "video". */
  get peerOff() {
    return this.#others.get(this.peer)?.off ?? []
  }

  /** The ids of what is left of pages before: this side's own, and all but the newest of the other's. */
  get ghosts() {
    const { peer } = this
    const isGhost = ([id, { person }]) =>
      person === this.#person(this.#join.side) || (id !== peer && person === this.#person(this.#otherSide))
    return [...this.#others].filter(isGhost).map(([id]) => id)
  }

  /** A helper or an interpreter is in the room as well; older servers do not say who is who. */
  #isPeer({ person }) {
    return person === null || person === this.#person(this.#otherSide)
  }

  get #otherSide() {
    return this.#join.side === "clerk" ? "citizen" : "clerk"
  }

  #person(side) {
    return `${side}-${this.#join.visit}`
  }
}
