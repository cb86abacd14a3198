// Where a JoinInfo leads whoever is not one of the two that a meeting is for: Jitsi's own page.
// @ts-check

/**
 * The token stands behind a #, where no server reads it, in the quotes that Jitsi wants. A telephone
 * is not asked for an app.
 */
export function addressOf({ domain, room, jwt }) {
  return `https://${domain}/${room}#jwt=${encodeURIComponent(JSON.stringify(jwt))}&config.disableDeepLinking=true`
}

/**
 * Open, beside this page, what `ask` answers. The page is opened at once, with the touch itself:
 * a browser allows no other. Raises what `ask` raises.
 */
export async function openBeside(ask) {
  const page = window.open("", "_blank")
  try {
    const address = addressOf(await ask())
    if (!page) return location.assign(address)
    page.opener = null // or Jitsi's page would take this one for the page around it
    page.location.replace(address)
  } catch (error) {
    page?.close()
    throw error
  }
}
