"""The plugins that come with the product, registered like anyone's."""

AGENT_DEFAULTS = (
    "counter_hooks.plugins.sane",
    "counter_hooks.plugins.cups",
    "counter_hooks.plugins.folder",
    "counter_hooks.plugins.pages",
)
BRIDGE_DEFAULTS = (
    "counter_hooks.plugins.fifo",
    "counter_hooks.plugins.basics",
    "counter_hooks.plugins.signature",
)
# Invents devices, or needs to be told where its device is: never at a counter that did not ask.
AGENT_ON_REQUEST = (
    "counter_hooks.plugins.fake",
    "counter_hooks.plugins.drawer",
    "counter_hooks.plugins.escpos",
    "counter_hooks.plugins.cards",
)
