// What the citizen has written and the clerk has not looked at. Pure.
// @ts-check

/** After the last letter somebody is believed to be writing for this long. */
export const WRITES_MS = 5_000

/**
 * What is unread after a line was heard, or null: `{visit, at, hasLine, isEnded}`.
 * Letters that were all taken back before the line ended call nobody.
 */
export function afterHeard(unread, { visit, text, isEnded, now }) {
  const hasLine = isEnded || (unread?.visit === visit && unread.hasLine)
  return text.trim() || hasLine ? { visit, at: now, hasLine, isEnded } : null
}

/** Whether the citizen writes right now; what they wrote stays unread all the same. */
export function isWriting({ at, isEnded }, now) {
  return !isEnded && now - at < WRITES_MS
}
