"""The plugins that come with the product, registered like anyone's."""

AGENT_DEFAULTS = (
    "counter_hooks.plugins.sane",
    "counter_hooks.plugins.cups",
    "counter_hooks.plugins.folder",
)
BRIDGE_DEFAULTS = (
    "counter_hooks.plugins.fifo",
    "counter_hooks.plugins.basics",
)
# Invents devices, so it must never appear at a counter where nobody asked for it.
AGENT_ON_REQUEST = ("counter_hooks.plugins.fake",)
