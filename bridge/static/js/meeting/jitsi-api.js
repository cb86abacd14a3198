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

/** The class JitsiMeetExternalAPI of `join.script`. Raises ForeignScript, ScriptUnreachable. */
export function loadApi({ script, domain }) {
  const address = new URL(script, `https://${domain}`)
  if (address.origin !== `https://${domain}`) throw new ForeignScript(address.origin)
  if (!loading.has(address.href)) loading.set(address.href, load(address.href))
  return loading.get(address.href)
}

function load(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script")
    element.src = address
    element.onload = () => resolve(globalThis.JitsiMeetExternalAPI)
    element.onerror = () => {
      element.remove()
      loading.delete(address) // the next attempt asks the server again
      reject(new ScriptUnreachable(address))
    }
    document.head.append(element)
  })
}
