// The fixed words of the desk around the panel, looked up when they are read.
// @ts-check
import { gettext, ngettext } from "../../lib/gettext.js"

export const words = {
  get loading() { return gettext("One moment, please") },
  get open() { return gettext("Open") },
  get closed() { return gettext("Closed") },
  get signOut() { return gettext("Sign out") },
  get signIn() { return gettext("Sign in") },
  get signedOut() { return gettext("You are signed out here.") },
  get signedOutHow() { return gettext("Your sign-in has ended, or you signed in on another screen.") },
  get language() { return gettext("Language") },
  get myState() { return gettext("What you are doing") },
  get linkLost() { return gettext("No connection to the bridge. It comes back by itself; the meeting goes on.") },
  get dismiss() { return gettext("Close this message") },

  get callNext() { return gettext("Call next") },
  get recall() { return gettext("Call again") },
  get noShow() { return gettext("Did not come") },
  get queue() { return gettext("Queue") },
  waiting: (n) => ngettext("%(num)s waiting", "%(num)s waiting", n),
  get bell() { return gettext("Sound when somebody begins to wait") },
  get queueEmpty() { return gettext("Nobody is waiting.") },
  get pick() { return gettext("Call") },
  get resume() { return gettext("Resume") },
  get reinstate() { return gettext("Put back") },
  get first() { return gettext("First") },
  waitsFor: (time) => gettext("waiting for %(time)s", { time }),
  by: (clerk) => gettext("with %(clerk)s", { clerk }),
  get counters() { return gettext("Counters") },
  get noDevices() { return gettext("no devices") },
  get helpAsked() { return gettext("Help asked") },

  get emptyTitle() { return gettext("Nobody is at your counter") },
  nextUp: (number, time) => gettext("Next: %(number)s, waiting for %(time)s.", { number, time }),
  get emptyQuiet() { return gettext("When somebody takes a ticket, they appear on the left.") },
  calledTo: (counter) => gettext("Called to %(counter)s", { counter }),
  get calledHow() { return gettext("The meeting begins when the citizen touches “Start” on the screen.") },
  since: (time) => gettext("for %(time)s", { time }),
  calls: (n) => ngettext("called %(num)s time", "called %(num)s times", n),
  get wrapUpTitle() { return gettext("The citizen has left") },
  get wrapUpHow() { return gettext("Camera and microphone are off. Finish the paperwork on the right.") },

  get buttonScan() { return gettext("Scan") },
  get buttonPrint() { return gettext("Print") },
  get buttonHelp() { return gettext("Ask for help") },
  get buttonEnd() { return gettext("End the visit") },
}
