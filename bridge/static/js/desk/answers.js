// What the answer to a notice inside the meeting does: the same as its button in the panel.
// @ts-check
import { noticesOf } from "./models/notices.js"

/** A notice goes when what it tells of has changed; those that change nothing are put away here. */
export function answerNotice(desk, acts, { key, action }) {
  const { server, choices } = desk.state
  const notice = noticesOf(server?.visit, choices.put).find((one) => one.key === key)
  if (!notice) return undefined // its matter was settled meanwhile
  const { job, document, pages, step } = notice
  const putAway = () => desk.choose("put", { [key]: true })
  const answers = {
    accept: () => (step ? acts.stepTo(step, "done") : putAway()),
    again: () => acts.pageAgain(document, pages[0]),
    yes: () => acts.confirm(job, true),
    no: () => acts.confirm(job, false),
    repeat: () => acts.again(job),
    stop: () => acts.cancel(job),
    next: () => acts.turnPage(job),
    last: () => acts.turnPage(job, true),
  }
  return (answers[action] ?? putAway)()
}
