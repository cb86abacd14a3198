// Printing: looking at it before, bringing a paper of one's own, and the order itself.
// @ts-check
import { chosenPrint, nameOfFile, plannedPrint, printRequest } from "./models/prints.js"
import { whyNotDevice } from "./models/steps.js"
import { whyText } from "./words/reasons.js"

/** The acts for a `Desk`. */
export function printActs(desk) {
  const visit = () => desk.state.server?.visit
  const address = (what) => `/api/visits/${visit().id}/${what}`
  const show = (document, sheet = 1) => desk.update({ dialog: { kind: "paper", document, sheet } })
  const order = (planOf) => {
    const plan = visit() && planOf(desk.state)
    const why = whyNotDevice(visit(), "print") ?? plan?.why
    if (why) return void desk.toast(whyText(why), "notice")
    desk.update({ dialog: null })
    return desk.order("print", address("jobs"), printRequest(plan))
  }
  return {
    print: () => order(plannedPrint),
    printChosen: () => order(chosenPrint),
    /** Show what would be printed; a form is drawn for it, unless it was and is the same. */
    lookAtPrint: async () => {
      const { paper } = chosenPrint(desk.state)
      if (!paper) return
      if (!paper.isForm) return show(paper.document)
      if (!(await desk.send("look", "POST", address(`forms/${paper.key}`), {}))) return
      const drawn = visit()?.documents.findLast((one) => one.key === paper.key)
      if (drawn) show(drawn.id)
    },
    turnSheet: (sheet) => show(desk.state.dialog.document, sheet),
    /** Have a paper called so for the citizen; it is sent with the print. */
    entitle: (document, title) => desk.choose("print", { titles: { ...desk.state.choices.print.titles, [document]: title } }),
    /** Take a PDF of the clerk's; it is chosen. Its file's name, which may name somebody, stays here. */
    bring: async (file) => {
      const before = new Set(visit().documents.map(({ id }) => id))
      if (!(await desk.send("bring", "POST", address("documents"), file))) return
      const brought = visit()?.documents.find(({ id }) => !before.has(id))
      if (!brought) return
      const files = { ...desk.state.choices.print.files, [brought.id]: nameOfFile(file.name) }
      desk.choose("print", { form: brought.id, pages: "", files })
    },
  }
}
