// The words about how a visit meets, looked up when they are read.
// @ts-check
import { gettext, N_ } from "../../lib/gettext.js"
import { says } from "../../lib/states.js"

/** What is wrong with the meeting server, and what still works. */
export const troubleText = says({
  "down": N_("The meeting server does not answer. Tickets, scanning and printing go on; in a visit you can meet directly, or telephone."),
  "slow": N_("The meeting server is slow. A visit may take a moment to begin."),
  "version-unknown": N_("The meeting server is not the one that this bridge knows. If a visit does not begin, meet directly, or telephone."),
  "events-missing": N_("The meeting server does not report who is in a meeting. If a visit does not begin, meet directly, or telephone."),
})

/** Why another way is offered. */
export const whyMoveText = says({
  "clerk-refused": N_("The meeting server did not let you in. It is tried again; you can also go on in another way."),
  "citizen-refused": N_("The meeting server did not let the citizen in. It is tried again, and somebody in the hall is asked to come."),
  "interrupted": N_("The meeting has broken off. You can go on in another way; nothing is lost."),
  "server": N_("The meeting server has a problem. You can go on in another way; nothing is lost."),
})

/** The buttons that lead to another way. */
export const wayText = says({
  jitsi: N_("Meet on the meeting server"),
  direct: N_("Meet directly"),
  phone: N_("Telephone"),
})

const GUESTS = {
  helper: N_("A helper is in the meeting too."),
  interpreter: N_("An interpreter is in the meeting too."),
  supervisor: N_("A supervisor is in the meeting too."),
}

export const guestText = says(GUESTS)

export const words = {
  get otherWays() { return gettext("Another way to meet") },
  get phoneTitle() { return gettext("This visit goes on by telephone") },
  phoneNumber: (number) => gettext("Telephone at the counter: %(number)s", { number }),
  get phoneHow() { return gettext("Call the telephone at the counter. The screen asks the citizen to pick up.") },
  get talking() { return gettext("We are talking") },
  get notTalking() { return gettext("The line is dead") },
  get invite() { return gettext("Ask an interpreter in") },
  get inviteHow() { return gettext("Send this link to the interpreter. It is good once, for a quarter of an hour, and is not shown again.") },
  get link() { return gettext("Link for the interpreter") },
}
