// Why a button cannot be pressed now, in one sentence.
// @ts-check
import { gettext, N_ } from "../../lib/gettext.js"

/** The sentence for a reason's key. */
export function whyText(key) {
  return gettext(WHY[key] ?? WHY.later)
}

const WHY = {
  "later": N_("That is not possible at the moment."),
  "busy": N_("One moment: your last order is on its way."),
  "visit-open": N_("Finish the visit that is open first."),
  "not-available": N_("Set yourself to “Available” first."),
  "nobody-waits": N_("Nobody is waiting."),
  "nobody-called": N_("Nobody has been called."),
  "citizen-is-there": N_("The citizen is already there."),
  "no-visit": N_("There is no visit."),
  "visit-ended": N_("The visit has ended; only the paperwork is left."),
  "citizen-away": N_("The citizen has not come to the counter yet."),
  "not-met": N_("You and the citizen have not met yet."),
  "no-agent": N_("The counter's computer is not connected. Ask for help in the hall."),
  "no-scan-device": N_("There is no scanner at this counter."),
  "no-print-device": N_("There is no printer at this counter."),
  "scan-device-away": N_("The scanner is not connected."),
  "print-device-away": N_("The printer is not connected."),
  "scan-under-way": N_("A scan is under way. Stop it, or wait until it ends."),
  "print-under-way": N_("A print is under way. Stop it, or wait until it ends."),
  "action-under-way": N_("This is under way. Stop it, or wait until it ends."),
  "no-sign-device": N_("The counter's screen cannot be signed on. Have it signed on paper."),
  "no-picture-device": N_("The counter has no document camera."),
  "picture-under-way": N_("A picture is being taken. Stop it, or wait."),
  "sign-under-way": N_("The citizen is being asked to sign. Stop it, or wait."),
  "paused": N_("The citizen has stopped everything. It goes on when they want."),
  "no-form": N_("This procedure has no form to print."),
  "nothing-to-crop": N_("The frame holds the whole page: nothing would change."),
  "side-missing": N_("Scan both sides of the card first."),
  "side-unfit": N_("One side is still being checked, or cannot be used."),
  "first-page": N_("It is the first page."),
  "last-page": N_("It is the last page."),
  "pages-unsound": N_("Please write the pages as in 1-3,5: rising, and no more than there are."),
  "no-reason": N_("Say why first."),
}
