// The words around what plugins add; their own texts come with them.
// @ts-check
import { gettext, ngettext, pick } from "../../lib/gettext.js"

export const words = {
  get actions() { return gettext("At the counter") },
  get choose() { return gettext("Choose") },
  get yes() { return gettext("Yes") },
  get no() { return gettext("No") },
  get safeMode() { return gettext("The counter's computer has started without the plug-ins of others, because it did not start with them.") },
  off: (names) => gettext("Plug-ins that are not used: %(names)s. Tell whoever looks after the computers.", { names }),
  lacking: (label) => gettext("Please fill in first: %(field)s", { field: pick(label) }),
  dropped: (n) => ngettext("%(num)s side was left out", "%(num)s sides were left out", n),
  get filterFailed() { return gettext("Something that you asked for was not done to the pages: look at them.") },
}
