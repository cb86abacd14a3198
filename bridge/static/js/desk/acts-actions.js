// Running an action that a plugin added: from the panel or from the meeting's tool bar alike.
// @ts-check
import { actionRequest, actionsOf, keyOf, lackingField, whyNotAction } from "./models/actions.js"
import { whyText } from "./words/reasons.js"
import { words } from "./words/actions.js"

/** The acts for a `Desk`. */
export function actionActs(desk) {
  const run = (action) => {
    const { visit } = desk.state.server
    const why = whyNotAction(visit, action)
    if (why) return desk.toast(whyText(why), "notice")
    const filled = desk.state.choices[`action ${action.key}`]
    const lacking = lackingField(action, filled)
    if (lacking) return desk.toast(words.lacking(lacking.label), "notice")
    return desk.order(`action ${action.key}`, `/api/visits/${visit.id}/jobs`, actionRequest({ visit, action, filled }))
  }
  return {
    runAction: run,
    fill: (action, key, value) => desk.choose(`action ${action.key}`, { [key]: value }),
    chooseFilter: (key, isChosen) => desk.choose("filters", { [key]: isChosen }),
    /** True when the button in the meeting was one of an action. */
    pressAction: (id) => {
      const key = keyOf(id)
      const action = actionsOf(desk.state.server?.visit).find((one) => one.key === key)
      if (action) run(action)
      return Boolean(action)
    },
  }
}
