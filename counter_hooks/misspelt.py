"""What is wrong with a hook that this program does not have, in a sentence for its author."""

from __future__ import annotations

from difflib import get_close_matches

from counter_hooks.hookspecs import AgentHooks, BridgeHooks
from counter_hooks.loading import AGENT_GROUP, BRIDGE_GROUP

_GROUPS = {AGENT_GROUP: AgentHooks, BRIDGE_GROUP: BridgeHooks}


def no_such_hook(hook: str, specification: type) -> str:
    """Say of a hook that is not in ``specification`` where it belongs, or what may be meant."""
    for group, others in _GROUPS.items():
        if hasattr(others, hook):
            return f"{hook} belongs into a module of the group {group}"
    near = get_close_matches(hook, vars(specification), 1)
    return f"there is no hook {hook}" + (f"; perhaps {near[0]} is meant" if near else "")
