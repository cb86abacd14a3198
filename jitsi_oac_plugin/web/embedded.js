// When the desk embeds the meeting, its own API tells it of clicks. Clients of before 2026 drop the
// desk's buttons without a word: here they are put in, once, and follow the desk's later orders.
// @ts-check

const COMMAND = "overwrite-config"

/** Follow what the desk, the page around this one, configures. */
export function followDesk(page, { window, bridge }) {
  const first = buttonsIn(window.location.hash)
  let isMet = false
  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== bridge || source !== window.parent) return
    const ordered = isMet ? orderIn(data) : (orderIn(data) ?? first)
    isMet = true
    // After Jitsi's own listener: a client that takes the order needs nothing of us.
    if (ordered) setTimeout(() => page.configure({ customToolbarButtons: ordered }))
  })
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
