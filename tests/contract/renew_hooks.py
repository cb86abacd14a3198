"""Write ``docs/hooks.md`` anew from the specifications: ``python -m tests.contract.renew_hooks``."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from counter_hooks.hookspecs import AgentHooks, BridgeHooks
from counter_hooks.plugins import AGENT_DEFAULTS, AGENT_ON_REQUEST, BRIDGE_DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "hooks.md"
EXAMPLE = ROOT / "docs" / "examples" / "oac-plugin-bell" / "oac_bell"
GROUPS = {
    "counter_hooks.agent": (AgentHooks, (*AGENT_DEFAULTS, *AGENT_ON_REQUEST), "agent"),
    "counter_hooks.bridge": (BridgeHooks, BRIDGE_DEFAULTS, "bridge"),
}
FIELD = re.compile(r"^:([\w ]+): (.*)$")
FIELDS = ("Called", "Thread", "Returns", "On failure", "Since")
HEAD = """\
# Hooks

Made from `counter_hooks/hookspecs.py` by `python -m tests.contract.renew_hooks`; change it there.

A plugin implements some of these, as functions of a module or methods of an object, marked with `counter_hooks.hookimpl`. It names only the arguments that it
wants. Every hook also offers `settings`, a copy of the plugin's own table `[plugins.<name>]`. A hook that is misspelt, or belongs to the other program, keeps
its plugin out, by name, when the program starts. How a plugin is made: [writing-a-plugin.md](writing-a-plugin.md); why it is so: [adr/0017-hooks.md](adr/0017-hooks.md).
"""


def hooks_of(specification: type) -> Iterator[str]:
    """Yield the names of a group's hooks, in the order of a day."""
    for name in vars(specification):
        if not name.startswith("_"):
            yield name


def users_of(hook: str, modules: tuple[str, ...], example: str) -> Iterator[str]:
    """Yield who of ours uses a hook: built-in plugins by name, and the example."""
    for module in modules:
        # Read, not imported: the library that a driver needs may not be here.
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        if re.search(rf"^def {hook}\(", source, re.MULTILINE):
            yield f"`{module.rpartition('.')[2]}`"
    if re.search(rf"^def {hook}\(", (EXAMPLE / f"{example}.py").read_text(), re.MULTILINE):
        yield "the example"


def text() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for group, (specification, modules, example) in GROUPS.items():
        parts.append(f"## `{group}`\n\n{inspect.getdoc(specification)}\n")
        for hook in hooks_of(specification):
            parts.append(_section(specification, hook, ", ".join(users_of(hook, modules, example))))
    return "\n".join(parts)


def _section(specification: type, hook: str, users: str) -> str:
    function = getattr(specification, hook)
    prose, fields = _split(inspect.getdoc(function) or "")
    signature = inspect.signature(function)
    shown = signature.replace(parameters=list(signature.parameters.values())[1:])
    rows = "\n".join(f"| {name} | {fields[name]} |" for name in FIELDS)
    return (
        f"### `{hook}`\n\n```python\n{hook}{str(shown).replace(chr(39), '')}\n```\n\n{prose}\n\n"
        f"| | |\n|---|---|\n{rows}\n| Used by | {users} |\n"
    )


def _split(documentation: str) -> tuple[str, dict[str, str]]:
    prose, fields = [], {}
    for line in textwrap.dedent(documentation).splitlines():
        found = FIELD.match(line)
        if found:
            fields[found[1]] = found[2]
        else:
            prose.append(line)
    return "\n".join(prose).strip(), fields


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written\n")
