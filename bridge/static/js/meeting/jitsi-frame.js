// One opening of Jitsi's page in a frame: what it says, and questions with a time limit.
// @ts-check
import { causeOf } from "./causes.js"

const ANSWER_MS = 4_000
const LEAVE_MS = 2_000
const DEVICE_FAULTS = Object.freeze({
  "gum.not_found": "missing",
  "gum.permission_denied": "refused",
})

export class JitsiFrame {
  #api
  #isOver = false

  /**
   * @param {any} Api the class JitsiMeetExternalAPI
   * @param {{domain: string, options: any, hear: {
   *   any: () => void, joined: () => void, broken: (cause: string) => void,
   *   came: (fact: any) => void, left: (fact: any) => void, muted: (fact: any) => void,
   *   own: (kind: number, isMuted: boolean) => void, pressed: (key: string) => void, answered: (uuid: string) => void,
   *   missing: (key: string) => void}}} how `own`: this side's sound (0) or picture (1) changed
   */
  constructor(Api, { domain, options, hear }) {
    this.#api = new Api(domain, options)
    const events = {
      browserSupport: () => {},
      videoConferenceJoined: () => hear.joined(),
      participantJoined: (fact) => hear.came(fact),
      participantLeft: (fact) => hear.left(fact),
      participantMuted: (fact) => hear.muted(fact),
      audioMuteStatusChanged: ({ muted }) => hear.own(0, muted),
      videoMuteStatusChanged: ({ muted }) => hear.own(1, muted),
      videoConferenceLeft: () => hear.broken("lost"),
      readyToClose: () => hear.broken("finished"),
      suspendDetected: () => hear.broken("lost"),
      passwordRequired: () => hear.broken("refused"),
      participantKickedOut: ({ kicked }) => kicked?.local && hear.broken("removed"),
      errorOccurred: ({ error }) => causeOf(error) && hear.broken(causeOf(error)),
      cameraError: ({ type }) => hear.missing(`camera-${DEVICE_FAULTS[type] ?? "busy"}`),
      micError: ({ type }) => hear.missing(`microphone-${DEVICE_FAULTS[type] ?? "busy"}`),
      toolbarButtonClicked: ({ key }) => hear.pressed(key),
      customNotificationActionTriggered: ({ data }) => hear.answered(data?.id ?? ""),
    }
    for (const [name, handler] of Object.entries(events)) {
      this.#api.addListener(name, (fact) => {
        if (this.#isOver) return
        hear.any()
        handler(fact ?? {})
      })
    }
  }

  command(name, ...values) {
    if (!this.#isOver) this.#api.executeCommand(name, ...values)
  }

  /** What the method `name` answers. Rejects when it is too old to know it, or does not answer in time. */
  ask(name, ...values) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no answer to ${name}`)), ANSWER_MS)
      Promise.resolve(this.#api[name](...values)).then(resolve, reject).finally(() => clearTimeout(limit))
    })
  }

  /** True when this server's API has the method. */
  knows(name) {
    return typeof this.#api[name] === "function"
  }

  /** Remove the frame at once. Who was in the room stays in it for others until the server notices. */
  drop() {
    this.#isOver = true
    this.#api.dispose()
  }

  /** Hang up first: a frame that is only removed leaves a ghost in the room for a minute. */
  async leave() {
    this.#isOver = true
    await new Promise((done) => {
      this.#api.addListener("readyToClose", done)
      setTimeout(done, LEAVE_MS)
      this.#api.executeCommand("hangup")
    })
    this.#api.dispose()
  }
}
