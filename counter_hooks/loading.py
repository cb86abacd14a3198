"""Finds plugins and lets them into one process: built-in ones and strangers by the same door."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from counter_hooks.plugins import AGENT_DEFAULTS, AGENT_ON_REQUEST, BRIDGE_DEFAULTS

DISTRIBUTION = "jitsi-oac"
AGENT_GROUP = "counter_hooks.agent"
BRIDGE_GROUP = "counter_hooks.bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginState:
    """A plugin that was found: loaded, refused, or switched off, for ``reason``.

    ``last_error`` is the last thing that went wrong in one of its hooks after it was loaded,
    ``failures`` how many calls have gone wrong since the last one that did not.
    """

    name: str
    version: str
    hooks: tuple[str, ...] = ()
    loaded: bool = True
    reason: str = ""
    last_error: str = ""
    failures: int = 0
    is_builtin: bool = False
    is_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A plugin that may be loaded."""

    name: str
    version: str
    is_builtin: bool
    load: Callable[[], object]


def own_version() -> str:
    """Return the version of this distribution; ``source`` when it runs without being installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "source"


def installed() -> set[str]:
    """Return the names of all plugins on this machine, whichever program they belong to."""
    strangers = {
        name
        for group in (AGENT_GROUP, BRIDGE_GROUP)
        for name in metadata.entry_points(group=group).names
    }
    builtin = (*AGENT_DEFAULTS, *AGENT_ON_REQUEST, *BRIDGE_DEFAULTS)
    return strangers | {module.rpartition(".")[2] for module in builtin}


def candidates(builtin: Iterable[str], group: str, *, is_safe: bool) -> Iterator[Candidate]:
    """Yield the modules ``builtin``, then what is installed for ``group`` unless ``is_safe``."""
    version = own_version()
    for module in builtin:
        # The module is named now and imported when it is loaded, inside the guard.
        yield Candidate(
            name=module.rpartition(".")[2],
            version=version,
            is_builtin=True,
            load=lambda module=module: importlib.import_module(module),  # type: ignore[misc]
        )
    if is_safe:
        return
    for entry in sorted(metadata.entry_points(group=group), key=lambda entry: entry.name):
        yield Candidate(
            name=entry.name,
            version=entry.dist.version if entry.dist else "?",
            is_builtin=False,
            load=entry.load,
        )
