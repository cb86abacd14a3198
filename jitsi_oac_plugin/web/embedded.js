// When the desk embeds the meeting, its own API tells it of clicks. Clients of before 2026 drop the
// desk's buttons without a word: here they are put in, once, and follow the desk's later orders.
// @ts-check

const COMMAND = "overwrite-config"

/** What the desk, the page around this one, wants in the tool bar; heard from the first moment on. */
export class DeskOrders {
  #buttons
  #isMet = false
  /** @type {import("./jitsi-page.js").JitsiPage | null} */
  #page = null

  constructor({ window, bridge }) {
    this.#buttons = buttonsIn(window.location.hash)
    const hear = ({ origin, source, data }) => {
      if (origin === bridge && source === window.parent) this.#heard(orderIn(data))
    }
    // Before Jitsi's own listener: what a client takes by itself is then no news.
    window.addEventListener("message", hear, true)
  }

  /** Put into this page what its client drops. */
  follow(page) {
    this.#page = page
    if (this.#isMet) this.#apply()
  }

  #heard(order) {
    const isNews = Boolean(order) || !this.#isMet
    this.#isMet = true
    this.#buttons = order ?? this.#buttons
    if (isNews) this.#apply()
  }

  #apply() {
    if (!this.#buttons || !this.#page) return
    const config = { customToolbarButtons: this.#buttons }
    this.#page.expect(config)
    setTimeout(() => this.#page.configure(config))
  }
}

/** The custom buttons in the hash that the desk opened this page with, or null. Pure. */
export function buttonsIn(hash) {
  return buttons(parsed(new URLSearchParams(hash.slice(1)).get("config.customToolbarButtons")))
}

/** The custom buttons in a message that the desk's API has sent, or null. Pure. */
export function orderIn(text) {
  const { postis, method, params } = parsed(text) ?? {}
  const isOrder = postis === true && method === "message" && params?.data?.name === COMMAND
  return isOrder ? buttons(params.data.data?.[0]?.customToolbarButtons) : null
}

function buttons(list) {
  return Array.isArray(list) && list.every((one) => typeof one?.id === "string") ? list : null
}

function parsed(text) {
  try {
    return typeof text === "string" ? JSON.parse(text) : null
  } catch {
    return null
  }
}
