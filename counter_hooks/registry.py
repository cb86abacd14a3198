"""Loads plugins into one process and calls them so that none can harm another.

Each process builds its own registry: the agent an :class:`AgentRegistry`, the bridge a
:class:`BridgeRegistry`. Built-in plugins and those of strangers come through the same door. A
plugin that cannot be used is left out and named, with the reason, in :attr:`Registry.plugins`.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pluggy

from counter_hooks.driver import Driver
from counter_hooks.errors import PluginRefused
from counter_hooks.hookspecs import AgentHooks, BridgeHooks
from counter_hooks.markers import PROJECT
from counter_hooks.plugins import AGENT_DEFAULTS, AGENT_ON_REQUEST, BRIDGE_DEFAULTS
from counter_hooks.views import DeskView, PageView, Problem, TicketView

log = logging.getLogger(__name__)

AGENT_GROUP = "counter_hooks.agent"
BRIDGE_GROUP = "counter_hooks.bridge"
DISTRIBUTION = "jitsi-oac"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginState:
    """A plugin that was found: loaded, or refused for ``reason``.

    ``last_error`` is the last thing that went wrong in one of its hooks after it was loaded.
    """

    name: str
    version: str
    hooks: tuple[str, ...] = ()
    loaded: bool = True
    reason: str = ""
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    name: str
    version: str
    load: Callable[[], object]


class Registry:
    """What both registries share: finding plugins, leaving out broken ones, remembering faults."""

    def __init__(
        self,
        specification: type,
        *,
        group: str,
        builtin: Sequence[str],
        names: Collection[str] | None,
    ) -> None:
        """Load the plugins; ``names`` given, only those."""
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specification)
        self._states: dict[str, PluginState] = {}
        for candidate in _candidates(builtin, group):
            if names is None or candidate.name in names:
                self._admit(candidate)
        # Not an error: agent and bridge on one machine may share one list of names.
        for name in set(names or ()) - set(self._states):
            self._states[name] = PluginState(name=name, version="")
            self._refuse(name, "no plugin of this name is installed for this program")

    @property
    def plugins(self) -> tuple[PluginState, ...]:
        """Every plugin that was found, by name."""
        return tuple(self._states[name] for name in sorted(self._states))

    def _admit(self, candidate: _Candidate) -> None:
        name = candidate.name
        if name in self._states:
            self._blame(name, f"another plugin of {candidate.version} has the same name")
            return
        self._states[name] = PluginState(name=name, version=candidate.version)
        try:
            plugin = candidate.load()
        # Loading runs a stranger's module: whatever it raises must cost that plugin alone.
        except Exception as error:  # noqa: BLE001 - see above
            self._refuse(name, f"it cannot be imported: {_said(error)}")
            return
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        except (ValueError, TypeError, pluggy.PluginValidationError) as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            self._refuse(name, _said(error))
            return
        hooks = tuple(sorted(hook for hook, _ in self._implementations_of(name)))
        self._states[name] = replace(self._states[name], hooks=hooks)

    def _implementations_of(self, name: str) -> Iterator[tuple[str, pluggy.HookImpl]]:
        for caller in self._manager.get_hookcallers(self._manager.get_plugin(name)) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin_name == name:
                    yield caller.name, implementation

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """Return the implementations of ``hook`` in calling order: last registered first."""
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return list(reversed(caller.get_hookimpls()))

    def _refuse(self, name: str, reason: str) -> None:
        log.warning("plugin %s is left out: %s", name, reason)
        self._states[name] = replace(self._states[name], loaded=False, reason=reason, hooks=())

    def _blame(self, name: str, reason: str) -> None:
        log.error("plugin %s: %s", name, reason)
        self._states[name] = replace(self._states[name], last_error=reason)


class AgentRegistry(Registry):
    """The plugins of an agent; some are loaded only when settings or ``names`` name them."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, object]],
        *,
        names: Collection[str] | None = None,
    ) -> None:
        asked_for = {*settings, *(names or ())}
        wanted = [module for module in AGENT_ON_REQUEST if module.rpartition(".")[2] in asked_for]
        super().__init__(
            AgentHooks, group=AGENT_GROUP, builtin=(*AGENT_DEFAULTS, *wanted), names=names
        )
        self._settings = settings

    def register_drivers(self) -> dict[str, Driver]:
        """Return the drivers of all plugins by their names.

        A plugin that raises, or brings what is no driver or a name already taken, is refused.
        """
        drivers: dict[str, Driver] = {}
        for implementation in self._implementations("register_drivers"):
            plugin = implementation.plugin_name
            try:
                brought = _call(implementation, settings=self._settings.get(plugin, {}))
                new = _drivers_by_name(brought or (), taken=drivers)
            # A stranger's code may raise anything; the others must still be asked.
            except Exception as error:  # noqa: BLE001 - see above
                self._manager.unregister(name=plugin)
                self._refuse(plugin, _said(error))
                continue
            drivers |= new
        return drivers


class BridgeRegistry(Registry):
    """The plugins of a bridge."""

    def __init__(self, *, names: Collection[str] | None = None) -> None:
        super().__init__(BridgeHooks, group=BRIDGE_GROUP, builtin=BRIDGE_DEFAULTS, names=names)

    def register_procedures(self) -> tuple[Path, ...]:
        """Return the procedure files of all plugins; a plugin that raises is refused."""
        files: list[Path] = []
        for implementation in self._implementations("register_procedures"):
            plugin = implementation.plugin_name
            try:
                files += [Path(file) for file in _call(implementation) or ()]
            # A stranger's code may raise anything; the others must still be asked.
            except Exception as error:  # noqa: BLE001 - see above
                self._manager.unregister(name=plugin)
                self._refuse(plugin, _said(error))
        return tuple(files)

    def next_ticket(self, desk: DeskView, waiting: Sequence[TicketView]) -> str | None:
        """Return the id of the ticket that ``desk`` should call; None when no plugin chose one.

        A plugin that raises, or names a ticket that is not waiting, is passed over.
        """
        offered = {ticket.id for ticket in waiting}
        for implementation in self._implementations("next_ticket"):
            plugin = implementation.plugin_name
            try:
                chosen = _call(implementation, desk=desk, waiting=waiting)
            # The clerk must get a ticket whatever one plugin does.
            except Exception as error:  # noqa: BLE001 - see above
                self._blame(plugin, f"next_ticket: {_said(error)}")
                continue
            if chosen is None:
                continue
            if isinstance(chosen, str) and chosen in offered:
                return chosen
            self._blame(plugin, "next_ticket: chose a ticket that is not waiting")
        return None

    def check_page(self, page: PageView, image: Path) -> tuple[Problem, ...]:
        """Return what all plugins find wrong with a page.

        A plugin that raises bars the page with ``check-failed``: an unchecked page is not shown.
        """
        problems: list[Problem] = []
        for implementation in self._implementations("check_page"):
            plugin = implementation.plugin_name
            try:
                problems += _problems(_call(implementation, page=page, image=image) or ())
            # Whatever the check raised, the page has not passed it.
            except Exception as error:  # noqa: BLE001 - see above
                self._blame(plugin, f"check_page: {_said(error)}")
                problems.append(Problem(key="check-failed", bars=True, facts=(("plugin", plugin),)))
        return tuple(problems)


def own_version() -> str:
    """Return the version of this distribution; ``source`` when it runs without being installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "source"


def _candidates(builtin: Iterable[str], group: str) -> Iterator[_Candidate]:
    version = own_version()
    for module in builtin:
        # The module is named now and imported when it is loaded, inside the guard.
        yield _Candidate(
            name=module.rpartition(".")[2],
            version=version,
            load=lambda module=module: importlib.import_module(module),  # type: ignore[misc]
        )
    for entry in sorted(metadata.entry_points(group=group), key=lambda entry: entry.name):
        yield _Candidate(
            name=entry.name, version=entry.dist.version if entry.dist else "?", load=entry.load
        )


def _call(implementation: pluggy.HookImpl, **given: object) -> Any:
    """Call one implementation with the arguments that it names."""
    return implementation.function(*(given[name] for name in implementation.argnames))


def _drivers_by_name(brought: Iterable[object], *, taken: Collection[str]) -> dict[str, Driver]:
    drivers: dict[str, Driver] = {}
    for driver in brought:
        if not isinstance(driver, Driver):
            raise PluginRefused(f"{driver!r} is not a Driver")
        if driver.name in taken or driver.name in drivers:
            raise PluginRefused(f"there is already a driver named {driver.name!r}")
        drivers[driver.name] = driver
    return drivers


def _problems(found: Iterable[object]) -> list[Problem]:
    problems = []
    for problem in found:
        if not isinstance(problem, Problem):
            raise PluginRefused(f"{problem!r} is not a Problem")
        problems.append(problem)
    return problems


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, PluginRefused) else f"{type(error).__name__}: {text}"
