// Words for states, outcomes, languages and news.
// @ts-check
import { gettext, N_, pick } from "../../lib/gettext.js"
import { faultOf } from "../../lib/faults.js"
import { says } from "../../lib/states.js"
import { isPicture, isSignature } from "../models/screen.js"

const TICKETS = {
  waiting: N_("Waiting"), called: N_("Called"), connecting: N_("Connecting"), serving: N_("In a visit"),
  interrupted: N_("Interrupted"), parked: N_("Parked"), no_show: N_("No-show"),
  wrap_up: N_("Paperwork"), rerouted: N_("Sent on"),
}
const JOBS = {
  requested: N_("Asked for"), awaiting_consent: N_("Waiting for the citizen's consent"),
  queued: N_("On its way to the device"), running: N_("The device is working"),
  needs_attention: N_("The device needs a person"), produced: N_("Done"), confirmed: N_("Paper in hand"),
  refused: N_("The citizen refused"), failed: N_("Failed"), cancelled: N_("Stopped"),
  expired: N_("Nobody answered in time"),
}
const CLERKS = {
  available: N_("Available"), break: N_("Break"), back_office: N_("Back office"), offline: N_("Away"),
  ringing: N_("Calling"), serving: N_("In a visit"), wrap_up: N_("Paperwork"),
}
const STEPS = { to_do: N_("To do"), done: N_("Done"), to_correct: N_("Needs correcting") }
const OUTCOMES = {
  done: N_("Done"), partly: N_("Partly done"), not_possible: N_("Not possible"),
  sent_elsewhere: N_("Sent elsewhere"), to_follow_up: N_("To follow up"),
}
const HELP = {
  raised: N_("Help was asked for"), escalated: N_("Nobody has answered yet"),
  acknowledged: N_("Somebody will come"), on_the_way: N_("Help is on the way"),
  with_citizen: N_("Help is at the counter"),
}
const SOURCES = { glass: N_("Glass"), feeder: N_("Feeder"), feeder_duplex: N_("Feeder, both sides") }
const QUALITIES = { "text": N_("Text"), "photo": N_("Photo or drawing"), "identity-card": N_("Identity card"), "": N_("Own numbers") }
const COLOURS = { colour: N_("Colour"), grey: N_("Grey") }
export const OUTCOME_KEYS = Object.freeze(Object.keys(OUTCOMES))

export const ticketText = says(TICKETS)
export const clerkText = says(CLERKS)
export const stepText = says(STEPS)
export const outcomeText = says(OUTCOMES)
export { languageText } from "../../lib/states.js"
export const helpText = says(HELP)
export const sourceText = says(SOURCES)
export const qualityText = says(QUALITIES)
export const colourText = says(COLOURS)

/** How a job stands; a finished scan and a finished print are not the same. */
export function jobText(job) {
  if (job.awaits_page) return gettext("Waiting for page %(number)s", { number: job.awaits_page })
  if (job.kind === "print" && job.state === "produced") return gettext("Printed: did the paper come out?")
  return says(JOBS)(job.state)
}

/** One sentence for a piece of news. */
export function newsText({ key, number, counter, job }) {
  const known = {
    "called": () => gettext("%(number)s was called to %(counter)s.", { number, counter }),
    "arrived": () => gettext("The citizen is at the counter."),
    "interrupted": () => gettext("The connection to the counter was lost."),
    "visit-closed": () => gettext("The visit of %(number)s is closed.", { number }),
    "acted": () => gettext("Done: %(what)s", { what: pick(job.title) }),
    "scanned": () => isPicture(job) ? gettext("The picture is taken.") : isSignature(job) ? gettext("The citizen has signed.") : gettext("The scan is done."),
    "printed": () => gettext("The print is done. Did the paper come out?"),
    "refused": () => gettext("The citizen refused."),
    "failed": () => (job.reason ? faultOf(job.reason).what : gettext("It did not work.")),
    "attention": () => faultOf(job.reason).what,
    "help": () => gettext("Help was asked for at %(counter)s.", { counter }),
  }
  return known[key]()
}
