// Loads Jitsi's IFrame API once, from the meeting server and from nowhere else.
// @ts-check

/** The way in names a script that is not the meeting server's. */
export class ForeignScript extends Error {
  key = "meeting-script-foreign"
}

/** The meeting server did not give its script. */
export class ScriptUnreachable extends Error {
  key = "meeting-unreachable"
}

/** @type {Map<string, Promise<any>>} */
const loading = new Map()

/**
 * The class JitsiMeetExternalAPI of `join.script`. Raises ForeignScript, ScriptUnreachable.
 * `isAnew` asks the server itself: a frame that is opened while it is away says nothing of it.
 */
export function loadApi({ script, domain }, { isAnew = false } = {}) {
  const address = new URL(script, `https://${domain}`)
  if (address.origin !== `https://${domain}`) throw new ForeignScript(address.origin)
  const name = address.href
  if (isAnew) {
    loading.delete(name)
    address.searchParams.set("anew", String(Date.now())) // past every cache on the way
  }
  if (!loading.has(name)) loading.set(name, load(name, address.href))
  return loading.get(name)
}

function load(name, address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script")
    element.src = address
    element.onload = () => {
      element.remove() // a meeting that is opened anew for hours leaves none behind
      resolve(globalThis.JitsiMeetExternalAPI)
    }
    element.onerror = () => {
      element.remove()
      loading.delete(name) // the next attempt asks the server again
      reject(new ScriptUnreachable(address))
    }
    document.head.append(element)
  })
}
