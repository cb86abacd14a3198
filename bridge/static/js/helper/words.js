// The words of the helper's page, looked up when they are read.
// @ts-check
import { gettext, N_ } from "../lib/gettext.js"

export const words = {
  get title() { return gettext("Help in the hall") },
  get loading() { return gettext("One moment, please") },
  get none() { return gettext("Nobody needs help.") },
  get noneHow() { return gettext("Keep this page open: it calls you when somebody does.") },
  get counters() { return gettext("Counters") },
  get noDevices() { return gettext("no devices") },
  get language() { return gettext("Language") },
  get missed() { return gettext("Called, but did not come") },
  get reinstate() { return gettext("Is here: put back in the queue") },
  get linkLost() { return gettext("No connection. It comes back by itself.") },
  get signOut() { return gettext("Sign out") },
  get signedOut() { return gettext("You are signed out here.") },
  get signIn() { return gettext("Sign in") },
  get acknowledge() { return gettext("I will see to it") },
  get set_out() { return gettext("I am on my way") },
  get arrive() { return gettext("I am here") },
  get join() { return gettext("Join the meeting") },
  get solve() { return gettext("Solved") },
  get didNotWork() { return gettext("That did not work. Please touch again.") },
  takenBy: (helper) => gettext("%(helper)s sees to it", { helper }),
  since: (time) => gettext("Called %(time)s ago", { time }),
}

const REASONS = {
  citizen_asks: N_("The citizen asks for help"), clerk_asks: N_("The clerk asks for help"),
  device: N_("A device needs a person"), link_lost: N_("The connection to the clerk was lost"),
}
const STATES = {
  raised: N_("New"), escalated: N_("Nobody has answered yet"), acknowledged: N_("Under way"),
  on_the_way: N_("On the way"), with_citizen: N_("At the counter"),
}

export const reasonText = (key) => (key in REASONS ? gettext(REASONS[key]) : key)
export const stateText = (key) => (key in STATES ? gettext(STATES[key]) : key)
