// Whose page this is, by the token that it was opened with. Pure.
// Nothing is proved here: who may enter the room is the meeting server's to say.
// @ts-check

/** The room of an address, as the server calls it; ours have no letter that is written otherwise. */
export function roomIn({ pathname }) {
  return (pathname.split("/").at(-1) ?? "").toLowerCase()
}

/** The token of an address, from the hash or the query, or null. */
export function tokenIn({ hash, search }) {
  const inHash = new URLSearchParams(hash.slice(1)).get("jwt")
  const token = unquoted(inHash) ?? new URLSearchParams(search).get("jwt")
  return token || null
}

/** The language that an address asks for, or null. */
export function languageIn({ search }) {
  return new URLSearchParams(search).get("lang")
}

/** What a token says, or null when it is none. */
export function claimsOf(token) {
  try {
    const [, body] = String(token).split(".")
    const bytes = Uint8Array.from(atob(body.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    return claims && typeof claims === "object" ? claims : null
  } catch {
    return null
  }
}

/** The visit that the claims' bearer moderates in this room for this bridge, or null. */
export function ourVisit(claims, { room, bridge, now }) {
  const { user, oac } = claims?.context ?? {}
  const isOurs = oac?.bridge === bridge && typeof oac?.visit === "string" && /^[0-9a-z-]{1,64}$/i.test(oac.visit)
  const isModerator = user?.moderator === true || user?.moderator === "true"
  const isHere = Boolean(room) && claims?.room === room
  const isInTime = typeof claims?.exp === "number" && claims.exp > now
  return isOurs && isModerator && isHere && isInTime ? oac.visit : null
}

function unquoted(text) {
  if (text === null) return null
  try {
    return String(JSON.parse(text))
  } catch {
    return null // Jitsi drops it as well
  }
}
