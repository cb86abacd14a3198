// What is done to Jitsi's page from inside; none of it is promised by Jitsi, so all is tried.
// @ts-check

export class JitsiPage {
  /** Called with a reason when the page stops being as expected. */
  onFail = (_reason) => {}
  #app
  #wanted = null
  #known = null
  /** What Jitsi had in the place of what is wanted. */
  #own = {}
  #isRefused = false
  #isIn = false
  /** @type {string[]} */
  #silenced = []
  #hearPresence = (_isIn) => {}

  constructor(app) {
    this.#app = app
    app.store.subscribe(() => this.#carefully(() => {
      this.#lookIn()
      this.#follow()
    }))
  }

  /** Hear the key of every click that Jitsi tells of; whoever embeds the page still hears it too. */
  onClick(hear) {
    const api = this.#app.API
    const tell = api.notifyToolbarButtonClicked
    api.notifyToolbarButtonClicked = (key, ...rest) => {
      this.#carefully(() => hear(key))
      return tell.call(api, key, ...rest)
    }
  }

  /** Whether this person is in the meeting. */
  get isIn() {
    return this.#isIn
  }

  /** Hear, now and later, whether this person is in the meeting. */
  onPresence(hear) {
    this.#hearPresence = hear
    this.#lookIn()
  }

  /** Set configuration for this person alone, and again whenever Jitsi loads its own anew. */
  configure(config) {
    this.expect(config)
    this.#known = null
    this.#follow()
  }

  /** As `configure`, from the next change on: Jitsi is about to set it itself. */
  expect(config) {
    const now = configOf(this.#app)
    for (const key of Object.keys(config)) if (!(key in this.#own)) this.#own[key] = now?.[key]
    this.#wanted = { ...this.#wanted, ...config }
    this.#known = now
  }

  /** Give Jitsi its own tool bar back, in which hanging up asks nobody: there may be nobody to answer. */
  release() {
    this.#isRefused = true
    try {
      this.#app.store.dispatch({ type: "OVERWRITE_CONFIG", config: this.#own })
    } catch {
      // It is not as expected, which is why it is released.
    }
  }

  /** Camera and microphone off while everything is stopped; afterwards those on again that were on. */
  pause(isPaused) {
    if (!isPaused && !this.#silenced.length) return
    const { conference } = this.#app
    const isOn = { Audio: !conference.isLocalAudioMuted(), Video: !conference.isLocalVideoMuted() }
    const turned = isPaused ? Object.keys(isOn).filter((kind) => isOn[kind]) : this.#silenced.filter((kind) => !isOn[kind])
    turned.forEach((kind) => conference[`toggle${kind}Muted`]())
    // A panel that was loaded anew says it once more: what the first word turned off is not forgotten.
    this.#silenced = isPaused ? [...new Set([...this.#silenced, ...turned])] : []
  }

  /** What goes wrong here must not go wrong in Jitsi, which has called. */
  #carefully(work) {
    if (this.#isRefused) return
    try {
      work()
    } catch {
      this.#isRefused = true
      this.onFail("page-unknown")
    }
  }

  #lookIn() {
    const isIn = Boolean(this.#app.store.getState()["features/base/conference"]?.conference?.isJoined?.())
    if (isIn === this.#isIn) return
    this.#isIn = isIn
    this.#hearPresence(isIn)
  }

  #follow() {
    const config = configOf(this.#app)
    if (!this.#wanted || this.#isRefused || config === this.#known) return
    this.#known = config
    if (this.#isThere()) return
    this.#app.store.dispatch({ type: "OVERWRITE_CONFIG", config: this.#wanted })
    this.#known = configOf(this.#app)
    if (this.#isThere()) return
    this.#isRefused = true
    this.onFail("toolbar-refused")
  }

  #isThere() {
    const config = configOf(this.#app) ?? {}
    return Object.entries(this.#wanted).every(([key, value]) => JSON.stringify(config[key]) === JSON.stringify(value))
  }
}

function configOf(app) {
  return app.store.getState()["features/base/config"]
}
