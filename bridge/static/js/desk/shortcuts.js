// Shortcuts of the desk: Alt and a letter, by the key's place, whatever the layout writes there.
// @ts-check

export const KEYS = Object.freeze({
  callNext: "Alt+N", recall: "Alt+R", scan: "Alt+S", print: "Alt+P", help: "Alt+H", stepDone: "Alt+G",
})

/** The act that a keydown means, or null. */
export function actOf(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return null
  const pressed = Object.entries(KEYS).find(([, keys]) => event.code === `Key${keys.at(-1)}`)
  return pressed ? pressed[0] : null
}
