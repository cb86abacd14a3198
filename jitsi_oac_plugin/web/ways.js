// The addresses on the meeting server that a clerk goes to: a room, and the page between visits.
// @ts-check
import { claimsOf, ourVisit } from "./claims.js"

const BETWEEN = "/oac/between.html"

export const go = {
  query: (language) => (language ? `?lang=${encodeURIComponent(language)}` : ""),

  /** In the hash, which no server is told, and in quotes, without which Jitsi drops it. */
  hash: (token) => `#jwt=${encodeURIComponent(JSON.stringify(token))}`,

  /** Open the room of a visit, if the token is for it. */
  enter({ room, token, language }, { bridge, kept }) {
    if (!ourVisit(claimsOf(token), { room, bridge, now: 0 })) return
    kept.keep({ room, token, language })
    location.assign(`/${encodeURIComponent(room)}${go.query(language)}${go.hash(token)}`)
  },

  /** The visit is over: forget its token. */
  between(language, kept) {
    kept.clear()
    location.replace(`${BETWEEN}${go.query(language)}`)
  },

  /** The panel's address; `more` beside the language are its parameters. */
  panel(bridge, language, more = {}) {
    const given = { in: "meeting", ...(language ? { language } : {}), ...more }
    return `${bridge}/desk/panel?${new URLSearchParams(given)}`
  },
}
