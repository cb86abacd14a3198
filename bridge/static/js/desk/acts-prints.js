// Printing: looking at it before, bringing a paper of one's own, and the order itself.
// @ts-check
import { plannedPrint, printRequest } from "./models/prints.js"
import { whyNotDevice } from "./models/steps.js"
import { whyText } from "./words/reasons.js"

/** The acts for a `Desk`. */
export function printActs(desk) {
  const visit = () => desk.state.server?.visit
  const address = (what) => `/api/visits/${visit().id}/${what}`
  const show = (document, sheet = 1) => desk.update({ dialog: { kind: "paper", document, sheet } })
  return {
    print: () => {
      const plan = visit() && plannedPrint(desk.state)
      const why = whyNotDevice(visit(), "print") ?? plan?.why
      if (why) return void desk.toast(whyText(why), "notice")
      desk.update({ dialog: null })
      return desk.order("print", address("jobs"), printRequest(plan))
    },
    /** Show what would be printed; a form is drawn for it, unless it was and is the same. */
    lookAtPrint: async () => {
      const { paper } = plannedPrint(desk.state)
      if (!paper) return
      if (!paper.isForm) return show(paper.document)
      if (!(await desk.send("look", "POST", address(`forms/${paper.key}`), {}))) return
      const drawn = visit()?.documents.findLast((one) => one.key === paper.key)
      if (drawn) show(drawn.id)
    },
    turnSheet: (sheet) => show(desk.state.dialog.document, sheet),
    /** Take a PDF of the clerk's; it is what is printed next. */
    bring: async (file) => {
      const before = new Set(visit().documents.map(({ id }) => id))
      if (!(await desk.send("bring", "POST", address("documents"), file))) return
      const brought = visit()?.documents.find(({ id }) => !before.has(id))
      if (brought) desk.choose("print", { form: brought.id, pages: "" })
    },
  }
}
