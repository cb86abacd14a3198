// What this page and the panel say to each other; nobody else is heard or told.
// Every message is {oac: 1, type, …}; docs/meeting-page.md lists them.
// @ts-check

export class PanelLink {
  #window
  #bridge
  #panel = null
  #isMet = false
  #heard = new Map()

  constructor({ window, bridge }) {
    this.#window = window
    this.#bridge = bridge
  }

  /** Do something about the messages of a type. */
  on(type, handler) {
    this.#heard.set(type, handler)
  }

  /** Begin to hear the panel, which has a `frame`. */
  listen(panel) {
    this.#panel = panel
    this.#window.addEventListener("message", (event) => this.#hear(event))
  }

  send(type, facts = {}) {
    if (this.#isMet) this.#panel.frame?.contentWindow?.postMessage({ oac: 1, type, ...facts }, this.#bridge)
  }

  #hear({ origin, source, data }) {
    if (origin !== this.#bridge || source !== this.#panel.frame?.contentWindow || data?.oac !== 1) return
    this.#isMet = true
    this.#heard.get(data.type)?.(data)
  }
}
