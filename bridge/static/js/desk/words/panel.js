// The fixed words of the panel, looked up when they are read.
// @ts-check
import { gettext, ngettext, pick } from "../../lib/gettext.js"

export const words = {
  get noVisit() { return gettext("There is no visit at the moment.") },
  get noAgent() { return gettext("The counter's computer is not connected: nothing can be scanned or printed.") },
  get noAgentHow() { return gettext("Ask for help in the hall.") },
  get paused() { return gettext("The citizen has stopped everything.") },
  get citizenAway() { return gettext("The citizen is not in the meeting.") },

  get steps() { return gettext("Steps") },
  stepsDone: (done, total) => gettext("%(done)s of %(total)s done", { done, total }),
  get makeCurrent() { return gettext("Show this step to the citizen") },
  get check() { return gettext("For you") },
  get citizenSees() { return gettext("The citizen reads") },
  get done() { return gettext("Done") },
  get correct() { return gettext("Needs correcting") },
  get reopen() { return gettext("Open again") },
  get noteShort() { return gettext("Note") },
  get note() { return gettext("Note: what is missing, or why not") },

  get lookDocument() { return gettext("Look at a document") },
  get lookPerson() { return gettext("Look at the person again") },
  get devices() { return gettext("Scan and print") },
  get ready() { return gettext("ready") },
  get notConnected() { return gettext("not connected") },
  get scan() { return gettext("Scan") },
  get scanNext() { return gettext("Scan the next page") },
  get lastPage() { return gettext("That was all") },
  get pageByPage() { return gettext("Several pages, one after the other") },
  get scanMore() { return gettext("Scan one more page") },
  get stop() { return gettext("Stop") },
  get scanner() { return gettext("Scanner") },
  get quality() { return gettext("Scan as") },
  get resolution() { return gettext("Resolution") },
  dpi: (dpi) => gettext("%(dpi)s dpi", { dpi }),
  get colour() { return gettext("Colour") },
  get source() { return gettext("From") },
  get print() { return gettext("Print") },
  get preview() { return gettext("Look at it") },
  get atWork() { return gettext("What the devices need") },
  get seen() { return gettext("Seen") },
  get scanJob() { return gettext("Scan") },
  get printJob() { return gettext("Print") },
  get live() { return gettext("The page as it is being scanned") },
  get tryAgain() { return gettext("Try again") },
  get cameOutYes() { return gettext("Yes, it is there") },
  get cameOutNo() { return gettext("No") },
  pages: (n) => ngettext("%(num)s page", "%(num)s pages", n),

  get documents() { return gettext("Documents") },
  get noDocuments() { return gettext("Nothing has been scanned or printed yet.") },
  pageNumber: (number) => gettext("Page %(number)s", { number }),
  get checking() { return gettext("Being checked…") },
  get cannotUse() { return gettext("Cannot be used") },
  get openPage() { return gettext("Open large") },
  get again() { return gettext("Scan again") },
  get rotate() { return gettext("Turn") },
  get moveUp() { return gettext("Move up") },
  get moveDown() { return gettext("Move down") },
  isPageNow: (number) => gettext("It is page %(number)s now.", { number }),
  get remove() { return gettext("Remove") },
  get removing() { return gettext("Being removed…") },
  get keep() { return gettext("Keep it") },
  get asPdf() { return gettext("PDF") },
  get previous() { return gettext("Previous page") },
  get next() { return gettext("Next page") },
  get close() { return gettext("Close") },

  get say() { return gettext("Text") },
  get writes() { return gettext("The citizen is writing: show it") },
  get unread() { return gettext("The citizen has written: show it") },
  get you() { return gettext("You") },
  get citizen() { return gettext("The person") },

  get help() { return gettext("Ask for help") },
  get transfer() { return gettext("Transfer") },
  get park() { return gettext("Park") },
  get ends() { return gettext("Ending…") },
  get end() { return gettext("End the visit") },
  endsIn: (seconds) => ngettext("The visit ends in %(num)s second", "The visit ends in %(num)s seconds", seconds),
  get notYet() { return gettext("Not yet") },
  get endNow() { return gettext("End now") },
  get wrapUp() { return gettext("Paperwork") },
  get outcome() { return gettext("How did it end?") },
  get closeVisit() { return gettext("Close the visit") },

  get transferTitle() { return gettext("Transfer the visit") },
  get transferKeeps() { return gettext("The ticket keeps its place in time, its steps and its documents.") },
  get transferTo() { return gettext("To") },
  get toQueue() { return gettext("Back to the queue, first") },
  toCounter: (name) => gettext("Counter: %(name)s", { name }),
  toPerson: (name) => gettext("Colleague: %(name)s", { name }),
  get handedOn() { return gettext("Transferred") },
  get reason() { return gettext("Why") },
  get reasons() {
    return [
      gettext("Another clerk knows this better"),
      gettext("A device here does not work"),
      gettext("The connection is too poor"),
      gettext("Somebody has to help in person"),
    ]
  },
  get cancel() { return gettext("Cancel") },
}

/** What is scanned or printed: a title in the clerk's language, a known purpose, or what came. */
export function purposeText(purpose) {
  if (purpose && typeof purpose === "object") return pick(purpose)
  const known = {
    "identity-card": () => gettext("The identity card"),
    "signed-form": () => gettext("The signed form"),
    "housing-title": () => gettext("The deed or tenancy agreement"),
    "form": () => gettext("The form"),
    "document": () => gettext("A document"),
  }
  return known[purpose]?.() ?? (purpose || gettext("A document"))
}
