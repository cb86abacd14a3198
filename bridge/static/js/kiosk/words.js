// The fixed words of the kiosk, looked up when they are read, in the language of that moment.
// @ts-check
import { gettext, ngettext } from "../lib/gettext.js"

export const words = {
  get whatFor() { return gettext("What do you need?") },
  get takeTicket() { return gettext("Take a ticket") },
  get back() { return gettext("Back") },
  get more() { return gettext("More") },
  get stillThere() { return gettext("Are you still there?") },
  get stillThereHow() { return gettext("The screen starts again in:") },
  get iAmHere() { return gettext("Yes, go on") },

  get yourNumber() { return gettext("Your number") },
  get waitForClerk() { return gettext("Somebody will soon. We will call you on this screen.") },
  get waitHere() { return gettext("We will call you on this screen.") },
  get leave() { return gettext("Leave the queue") },
  get leaveSure() { return gettext("Do you want to leave the queue?") },
  get leaveYes() { return gettext("Yes, leave") },
  get leaveNo() { return gettext("No, wait") },

  get yourTurn() { return gettext("It is your turn") },
  servedBy: (clerk) => gettext("%(clerk)s is waiting for you on this screen.", { clerk }),
  get start() { return gettext("Start") },

  get stop() { return gettext("Stop everything") },
  get write() { return gettext("Write") },
  get closeWriting() { return gettext("Close") },
  get documentCamera() { return gettext("The clerk sees your document") },
  get connecting() { return gettext("Connecting…") },
  get listen() { return gettext("Your clerk will guide you") },
  get turnCard() { return gettext("Now turn the card over, and close the lid again.") },
  get takeCard() { return gettext("Both sides are there. You can take your card.") },
  get larger() { return gettext("Larger letters") },
  position: (position, total) => gettext("Step %(position)s of %(total)s", { position, total }),

  get notYet() { return gettext("The meeting does not begin yet") },
  get triedAgain() { return gettext("It is tried again by itself.") },
  telephoned: (clerk) => gettext("%(clerk)s will telephone you here", { clerk }),
  get pickUp() { return gettext("Pick up the handset when it rings.") },
  talking: (clerk) => gettext("You are on the telephone with %(clerk)s", { clerk }),

  get allow() { return gettext("Allow") },
  get refuse() { return gettext("Refuse") },
  get placeNext() { return gettext("Place the next page") },
  get placeAgain() { return gettext("Place the page once more") },
  scannedSoFar: (n) => ngettext("%(num)s page is scanned.", "%(num)s pages are scanned.", n),
  get nextPage() { return gettext("Scan it") },
  get lastPage() { return gettext("That was all") },
  asksToSign: (clerk) => gettext("%(clerk)s asks you to sign:", { clerk }),
  get sign() { return gettext("Sign") },
  get onPaper() { return gettext("On paper") },
  get signHere() { return gettext("Sign here with your finger") },
  get clear() { return gettext("Clear") },
  get signed() { return gettext("Done") },
  get cameOut() { return gettext("Did the paper come out well?") },
  get yes() { return gettext("Yes") },
  get no() { return gettext("No") },

  get stopped() { return gettext("Everything is stopped") },
  get stoppedHow() { return gettext("Nobody sees or hears you.") },
  get stoppedPhone() { return gettext("Please put the handset down.") },
  get goOn() { return gettext("Go on") },

  get linkLost() { return gettext("No connection. It comes back by itself.") },
  get didNotWork() { return gettext("That did not work. Please touch again.") },

  get missedTitle() { return gettext("We called you and you did not come") },
  get missedHow() { return gettext("If you are here, touch the button: somebody puts you back.") },
  get missedCalled() { return gettext("Stay here, please. Your number comes back.") },
  get iAmStillHere() { return gettext("I am here") },
  get startAgain() { return gettext("Start again") },

  get stay() { return gettext("Do not leave") },
  calledAgain: (number) => gettext("We will call you again: %(number)s.", { number }),
  get haveAll() { return gettext("I have everything") },

  get goodbye() { return gettext("Thank you. Goodbye!") },
  get forgetting() { return gettext("This screen now forgets everything.") },

  get you() { return gettext("You") },
  get theClerk() { return gettext("The clerk") },
  get typeHere() { return gettext("Write here") },
  get keyboard() { return gettext("Keyboard") },
  get hideKeyboard() { return gettext("Hide keyboard") },
  get sendLine() { return gettext("New line") },
  get erase() { return gettext("Erase") },
  get space() { return gettext("Space") },
}
