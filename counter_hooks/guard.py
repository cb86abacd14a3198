"""What both registries share: letting plugins in, calling them, and cutting off those that fail.

A stranger's plugin is called in a thread of its own with a time limit, gets its own copies of the
arguments, and may raise whatever it likes. After ``MOST_FAILURES`` failed calls in a row it is
switched off until the next start. Built-in plugins are part of the program: they are called where
their caller stands, and their failures are logged and told, but never switched off.
"""

from __future__ import annotations

import copy
import logging
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import pluggy

from counter_hooks.calls import Calls, Teller, said
from counter_hooks.errors import PluginRefused
from counter_hooks.loading import Candidate, PluginState, candidates, installed
from counter_hooks.markers import PROJECT
from counter_hooks.misspelt import no_such_hook
from counter_hooks.tracing import line_of

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Made = TypeVar("Made")

MOST_FAILURES = 3
MOST_ANSWERS = 200
REGISTER_S = 20.0
TELL_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which plugins, with which settings; ``names`` given, only those, and never those of ``but``.

    ``is_safe`` leaves out all strangers. ``extra`` are plugins that are handed over instead of
    installed, by name. ``limit_s`` replaces the limit of every call.
    """

    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    names: Collection[str] | None = None
    but: Collection[str] = ()
    is_safe: bool = False
    is_traced: bool = False
    extra: Mapping[str, object] = field(default_factory=dict)
    limit_s: float | None = None


class Registry:
    """Plugins of one process: found, checked, called, and remembered for what they did."""

    def __init__(
        self, specification: type, *, group: str, builtin: Sequence[str], wish: Wish
    ) -> None:
        """Load the plugins that ``wish`` asks for."""
        self.specification = specification
        self._wish = wish
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specification)
        self._lock = threading.RLock()
        self._states: dict[str, PluginState] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._tellers: dict[str, Teller] = {}
        self._listeners: list[Callable[[], None]] = []
        self._brought: dict[str, Mapping[str, str]] = {}
        self.calls = Calls()
        for candidate in candidates(builtin, group, is_safe=wish.is_safe):
            is_wanted = wish.names is None or candidate.name in wish.names
            if is_wanted and candidate.name not in {*wish.but, *wish.extra}:
                self._admit(candidate)
        for candidate in _handed_over(wish):
            self._admit(candidate)
        if wish.is_safe:
            log.warning("safe mode: only the plugins that come with the program are used")
            return
        # Agent and bridge on one machine may share one list: what is the other's is no trouble.
        for name in set(wish.names or ()) - set(self._states) - installed():
            self._states[name] = PluginState(name=name, version="")
            self._refuse(name, "no plugin of this name is installed")

    @property
    def is_safe(self) -> bool:
        """True when strangers' plugins are left out."""
        return self._wish.is_safe

    @property
    def plugins(self) -> tuple[PluginState, ...]:
        """Every plugin that was found, by name."""
        with self._lock:
            return tuple(self._states[name] for name in sorted(self._states))

    @property
    def troubled(self) -> tuple[PluginState, ...]:
        """The strangers' plugins that were refused or switched off."""
        return tuple(
            one for one in self.plugins if not one.is_builtin and (one.is_off or not one.loaded)
        )

    def settings_of(self, name: str) -> Mapping[str, object]:
        """Return the table of settings that a plugin gets."""
        return self._wish.settings.get(name, {})

    def brought_by(self, plugin: str) -> dict[str, list[str]]:
        """Return by kind the names of what a plugin brought, as far as it was asked."""
        return {
            kind.replace("_", " "): [name for name, owner in owners.items() if owner == plugin]
            for kind, owners in self._brought.items()
        }

    def has(self, hook: str) -> bool:
        """Say whether any plugin wants to be called for ``hook``."""
        return bool(self._implementations(hook))

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener``, in any thread, when a plugin is refused or switched off later."""
        self._listeners.append(listener)

    def wait_until_told(self, timeout_s: float) -> bool:
        """Wait until every plugin was told what there was to tell."""
        with self._lock:
            tellers = list(self._tellers.values())
        return all(teller.idle.wait(timeout_s) for teller in tellers)

    def _admit(self, candidate: Candidate) -> None:
        name = candidate.name
        if name in self._states:
            self._failed(name, "name", f"another plugin of {candidate.version} has it too")
            return
        self._states[name] = PluginState(
            name=name, version=candidate.version, is_builtin=candidate.is_builtin
        )
        try:
            plugin = self._guarded(name, candidate.load, limit_s=REGISTER_S)
        # Loading runs a stranger's module: whatever it raises must cost that plugin alone.
        except Exception as error:  # noqa: BLE001 - see above
            self._refuse(name, f"it cannot be imported: {said(error)}")
            return
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        except (ValueError, TypeError, pluggy.PluginValidationError) as error:
            reason = said(error)
            if self._manager.has_plugin(name):
                brought = [hook for hook, _ in self._implementations_of(name)]
                strange = [hook for hook in brought if not hasattr(self.specification, hook)]
                reason = no_such_hook(strange[0], self.specification) if strange else reason
                self._manager.unregister(name=name)
            self._refuse(name, reason)
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
        found = list(reversed(caller.get_hookimpls()))
        with self._lock:
            return [one for one in found if not self._states[one.plugin_name].is_off]

    def _collected(
        self, hook: str, take: Callable[[list[Any], dict[str, Made]], dict[str, Made]]
    ) -> tuple[dict[str, Made], dict[str, str]]:
        """Ask every plugin what it brings; return it by name, and who brought each.

        ``take`` names what is sound of one plugin, or raises; that plugin is refused then.
        """
        everything: dict[str, Made] = {}
        owners: dict[str, str] = {}
        # The first to come first: nobody takes the name of something that comes with the program.
        for implementation in reversed(self._implementations(hook)):
            plugin = implementation.plugin_name
            try:
                brought = self._ask_for_list(hook, implementation, limit_s=REGISTER_S)
                # What it brought is its own code too: a property may raise or sleep.
                work = partial(take, brought, everything)
                made = self._guarded(plugin, work, limit_s=REGISTER_S)
            # A stranger's code may raise anything; the others must still be asked.
            except Exception as error:  # noqa: BLE001 - see above
                self._manager.unregister(name=plugin)
                self._refuse(plugin, said(error))
                continue
            everything |= made
            owners |= dict.fromkeys(made, plugin)
        self._brought[hook.removeprefix("register_")] = owners
        return everything, owners

    def _ask_for_list(
        self, hook: str, implementation: pluggy.HookImpl, *, limit_s: float, **given: object
    ) -> list[Any]:
        def listed(answer: Iterable[Any] | None) -> list[Any]:
            # In the guarded thread: a generator is a stranger's code too, and may have no end.
            answers = list(islice(answer or (), MOST_ANSWERS + 1))
            if len(answers) > MOST_ANSWERS:
                raise PluginRefused(f"it returns more than {MOST_ANSWERS} answers")
            return answers

        found: list[Any] = self._ask(
            hook, implementation, limit_s=limit_s, then=listed, given=given
        )
        return found

    def _ask(
        self,
        hook: str,
        implementation: pluggy.HookImpl,
        *,
        limit_s: float,
        then: Callable[[Any], Any] = lambda answer: answer,
        given: Mapping[str, object],
    ) -> Any:
        """Call one implementation with the arguments that it names, within the limit."""
        name = implementation.plugin_name
        offered = {**given, "settings": self.settings_of(name)}
        # Its own copies: what one plugin does to them is not seen by the next.
        own = [copy.deepcopy(offered[argument]) for argument in implementation.argnames]
        began = time.monotonic()
        outcome: object = None
        try:
            outcome = self._guarded(
                name, lambda: then(implementation.function(*own)), limit_s=limit_s
            )
        except Exception as error:
            outcome = error
            raise
        finally:
            if self._wish.is_traced:
                took_ms = (time.monotonic() - began) * 1000
                sys.stderr.write(line_of(hook, name, given, outcome, took_ms=took_ms))
        return outcome

    def _guarded(self, name: str, work: Callable[[], Answer], *, limit_s: float) -> Answer:
        if self._states[name].is_builtin:
            return work()
        return self.calls.ask(name, work, limit_s=self._wish.limit_s or limit_s)

    def _tell(self, hook: str, **given: object) -> None:
        """Tell every plugin, in its own thread; nobody waits for any of them."""
        for implementation in self._implementations(hook):
            plugin = implementation.plugin_name
            with self._lock:
                teller = self._tellers.setdefault(plugin, Teller(plugin))
            if not teller.tell(lambda one=implementation: self._told(hook, one, given)):  # type: ignore[misc]
                self._failed(plugin, hook, "too much waits for it already")

    def _told(
        self, hook: str, implementation: pluggy.HookImpl, given: Mapping[str, object]
    ) -> None:
        plugin = implementation.plugin_name
        if self._states[plugin].is_off:
            return
        try:
            self._ask(hook, implementation, limit_s=TELL_S, given=given)
        # What it is told has happened; its failure changes nothing for anybody else.
        except Exception as error:  # noqa: BLE001 - see above
            self._failed(plugin, hook, said(error))
        else:
            self._worked(plugin, hook)

    def _refuse(self, name: str, reason: str) -> None:
        log.warning("plugin %s is left out: %s", name, reason)
        with self._lock:
            self._states[name] = replace(self._states[name], loaded=False, reason=reason, hooks=())

    def _failed(self, name: str, place: str, reason: str, *, may_switch_off: bool = True) -> None:
        """Hold a failure against a plugin; ``place`` is the hook, or what of its own failed."""
        told = f"{place}: {reason}"
        log.error("plugin %s: %s", name, told)
        with self._lock:
            before = self._states[name]
            # In each place by itself: one hook that works does not make up for another.
            failures = self._failures[name, place] = self._failures.get((name, place), 0) + 1
            state = replace(before, last_error=told, failures=max(failures, before.failures))
            is_over = may_switch_off and not state.is_builtin and failures >= MOST_FAILURES
            if is_over and not state.is_off:
                why = f"switched off after {failures} failures in a row; the last: {told}"
                state = replace(state, is_off=True, reason=why)
                if name in self._tellers:
                    self._tellers[name].forget()
            self._states[name] = state
        if state.is_off and not before.is_off:
            log.error("plugin %s is switched off until the next start", name)
        for listener in self._listeners:
            listener()

    def _worked(self, name: str, place: str) -> None:
        with self._lock:
            if self._failures.pop((name, place), 0):
                left = [count for (plugin, _), count in self._failures.items() if plugin == name]
                self._states[name] = replace(self._states[name], failures=max(left, default=0))


def _handed_over(wish: Wish) -> Iterator[Candidate]:
    for name, plugin in wish.extra.items():
        yield Candidate(
            name=name,
            version="extra",
            is_builtin=False,
            load=lambda plugin=plugin: plugin,  # type: ignore[misc]
        )
