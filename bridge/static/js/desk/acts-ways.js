// How the clerk changes the way to meet.
// @ts-check

/** The acts of views/ways.js. */
export function wayActs(desk) {
  const path = (what) => `/api/visits/${desk.state.server.visit.id}/${what}`
  return {
    meetBy: (provider) => desk.send("way", "POST", path("meeting"), { provider }),
    talk: (isMet) => desk.send("presence", "PUT", path("presence"), { is_met: isMet }),
    invite: async () => {
      const invited = await desk.ask("invite", path("guests"))
      if (invited) desk.update({ dialog: { kind: "invitation", url: invited.url } })
    },
  }
}
