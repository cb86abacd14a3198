// How the clerk changes the way to meet.
// @ts-check
import { ApiError, api } from "../lib/api.js"
import { failureText } from "./words/states.js"

/** The acts of views/ways.js. */
export function wayActs(desk) {
  const path = (what) => `/api/visits/${desk.state.server.visit.id}/${what}`
  return {
    meetBy: (provider) => desk.send("way", "POST", path("meeting"), { provider }),
    talk: (isMet) => desk.send("presence", "PUT", path("presence"), { is_met: isMet }),
    invite: async () => {
      try {
        const { url } = await api.post(path("guests"))
        desk.update({ dialog: { kind: "invitation", url } })
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        desk.toast(failureText(error))
      }
    },
  }
}
