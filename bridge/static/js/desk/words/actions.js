// The words around what plugins add; their own texts come with them.
// @ts-check
import { gettext, N_, ngettext, pick } from "../../lib/gettext.js"

// What an agent's self-test looks at.
const TROUBLES = {
  encoder: N_("pages cannot be made smaller"), state: N_("nothing can be remembered"), disk: N_("the disk is nearly full"),
  clock: N_("the clock is wrong"), devices: N_("no device was found"), bridge: N_("the bridge was not reached"),
}
const DRIVER = N_("a device's driver does not answer")
const OTHER = N_("its self-test broke")

export const words = {
  get actions() { return gettext("At the counter") },
  get choose() { return gettext("Choose") },
  get yes() { return gettext("Yes") },
  get no() { return gettext("No") },
  get safeMode() { return gettext("The counter's computer has started without the plug-ins of others, because it did not start with them.") },
  off: (names) => gettext("Plug-ins that are not used: %(names)s. Tell whoever looks after the computers.", { names }),
  trouble: (subject) => gettext(TROUBLES[subject] ?? (subject.startsWith("driver ") ? DRIVER : OTHER)),
  troubles: (found) => gettext("The counter's computer has found something wrong with itself: %(found)s. Tell whoever looks after the computers.", { found }),
  lacking: (label) => gettext("Please fill in first: %(field)s", { field: pick(label) }),
  dropped: (n) => ngettext("%(num)s side was left out", "%(num)s sides were left out", n),
  get filterFailed() { return gettext("Something that you asked for was not done to the pages: look at them.") },
}
