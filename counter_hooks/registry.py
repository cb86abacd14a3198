"""Loads plugins into one process and calls them so that none can harm another.

Each process builds its own registry: the agent an :class:`AgentRegistry`, the bridge a
:class:`BridgeRegistry`, one typed method a hook. Built-in plugins and those of strangers come
through the same door. A plugin that cannot be used is left out and named, with the reason, in
:attr:`Registry.plugins`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from counter_hooks.actions import Action, is_key, is_text, mistakes_of
from counter_hooks.calls import said
from counter_hooks.driver import Driver
from counter_hooks.errors import PluginRefused
from counter_hooks.filters import Filtered, PageFilter, ScannedSide
from counter_hooks.guard import REGISTER_S, Registry, Wish
from counter_hooks.hookspecs import AgentHooks, BridgeHooks
from counter_hooks.loading import AGENT_GROUP, BRIDGE_GROUP, own_version
from counter_hooks.plugins import AGENT_DEFAULTS, AGENT_ON_REQUEST, BRIDGE_DEFAULTS
from counter_hooks.steps import Proof, StepKind
from counter_hooks.views import DeskView, JobView, PageView, Problem, ResultView, TicketView

__all__ = ["AgentRegistry", "BridgeRegistry", "Registry", "Wish", "own_version"]

Made = TypeVar("Made")
Entry = TypeVar("Entry")

# The queue is held while a plugin chooses, so that everybody else waits as long.
CHOOSE_S = 0.05
CHECK_S = 20.0
FILTER_S = 10.0
MOST_PROBLEM_CHARACTERS = 60
_WORDS = {
    "register_drivers": "driver",
    "register_page_filters": "filter",
    "register_actions": "action",
}


class AgentRegistry(Registry):
    """The plugins of an agent; some are loaded only when settings or ``names`` name them."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, object]] | None = None,
        *,
        names: Collection[str] | None = None,
        wish: Wish | None = None,
    ) -> None:
        chosen = wish or Wish(settings=settings or {}, names=names)
        asked_for = {*chosen.settings, *(chosen.names or ())}
        wanted = [module for module in AGENT_ON_REQUEST if module.rpartition(".")[2] in asked_for]
        super().__init__(
            AgentHooks, group=AGENT_GROUP, builtin=(*AGENT_DEFAULTS, *wanted), wish=chosen
        )
        # By identity: a stranger's object need not be hashable. Kept, so that none is reused.
        self._owners: dict[int, str] = {}
        self._places: dict[int, str] = {}
        self._kept: list[object] = []

    def register_drivers(self) -> dict[str, Driver]:
        """Return the drivers of all plugins by their names.

        A plugin that raises, or brings what is no driver or a name already taken, is refused.
        """
        return self._registered("register_drivers", Driver, lambda driver: driver.name, _no_more)

    def register_page_filters(self) -> dict[str, PageFilter]:
        """Return the page filters of all plugins by their keys, in the order of their use."""
        found = self._registered(
            "register_page_filters", PageFilter, lambda one: one.key, _mistakes_of_filter
        )
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))

    def register_actions(self) -> dict[str, Action]:
        """Return the actions of all plugins by their keys."""
        return self._registered("register_actions", Action, lambda one: one.key, mistakes_of)

    def job_finished(self, job: JobView, result: ResultView) -> None:
        """Tell every plugin that a job came to its end; nobody waits."""
        self._tell("job_finished", job=job, result=result)

    def is_usable(self, brought: Driver | PageFilter | Action) -> bool:
        """Say whether the plugin that brought this is still switched on."""
        plugin = self._owners.get(id(brought))
        if plugin is None:
            return True
        state = self._states[plugin]
        return state.loaded and not state.is_off

    def apply(self, one: PageFilter, side: ScannedSide, workdir: Path) -> Filtered | None:
        """Return what a filter makes of a side, None when it leaves it as it is.

        Raises ``PluginRefused`` when it failed, which was counted.
        """
        plugin = self._owners[id(one)]
        try:
            made = self._guarded(plugin, lambda: one.apply(side, workdir), limit_s=FILTER_S)
            if made is not None and not isinstance(made, Filtered):
                raise PluginRefused(f"it returned a {type(made).__name__}")
        # Whatever a filter raises, the page is kept as it was scanned.
        except Exception as error:
            self._failed(plugin, self._places[id(one)], said(error))
            raise PluginRefused(f"filter: {said(error)}") from error
        return made

    def described(
        self, found: Mapping[str, Made], describe: Callable[[Made], Entry]
    ) -> dict[str, Entry]:
        """Return by key how what plugins brought travels; what cannot is left out, and counted."""
        entries: dict[str, Entry] = {}
        for key, one in found.items():
            work = partial(describe, one)
            try:
                entries[key] = self._guarded(self._owners[id(one)], work, limit_s=REGISTER_S)
            # Its properties are a stranger's code; what others brought is still offered.
            except Exception as error:  # noqa: BLE001 - see above
                place = self._places[id(one)]
                self._failed(self._owners[id(one)], place, f"it is not offered: {said(error)}")
        return entries

    def went_wrong(self, brought: Driver | PageFilter | Action, reason: str) -> None:
        """Hold a failure against the plugin that brought this.

        A driver is never switched off: a counter without its only scanner helps nobody, and each
        of its jobs says what is wrong.
        """
        plugin = self._owners.get(id(brought))
        if plugin is not None:
            is_driver = isinstance(brought, Driver)
            place = self._places[id(brought)]
            self._failed(plugin, place, reason, may_switch_off=not is_driver)

    def went_well(self, brought: Driver | PageFilter | Action) -> None:
        """Note that what a plugin brought did its work."""
        plugin = self._owners.get(id(brought))
        if plugin is not None:
            self._worked(plugin, self._places[id(brought)])

    def _registered(
        self,
        hook: str,
        shape: type[Any],
        name_of: Callable[[Made], str],
        mistakes: Callable[[Made], Iterable[str]],
    ) -> dict[str, Made]:
        def take(brought: list[object], taken: dict[str, Made]) -> dict[str, Made]:
            made: dict[str, Made] = {}
            for one in brought:
                if not isinstance(one, shape):
                    raise PluginRefused(f"{type(one).__name__} is not a {shape.__name__}")
                for mistake in mistakes(one):
                    raise PluginRefused(f"{shape.__name__}: {mistake}")
                name = name_of(one)
                if not isinstance(name, str):
                    raise PluginRefused(f"a {shape.__name__} has no name")
                if name in taken or name in made:
                    raise PluginRefused(f"there is already a {shape.__name__} named {name!r}")
                made[name] = one
            return made

        found, owners = self._collected(hook, take)
        word = _WORDS[hook]
        self._kept += found.values()
        self._owners |= {id(found[name]): plugin for name, plugin in owners.items()}
        self._places |= {id(one): f"{word} {name}" for name, one in found.items()}
        return found


class BridgeRegistry(Registry):
    """The plugins of a bridge."""

    def __init__(self, *, names: Collection[str] | None = None, wish: Wish | None = None) -> None:
        chosen = wish or Wish(names=names)
        super().__init__(BridgeHooks, group=BRIDGE_GROUP, builtin=BRIDGE_DEFAULTS, wish=chosen)

    def register_step_kinds(self) -> dict[str, StepKind]:
        """Return the kinds of steps of all plugins by their keys."""

        def take(brought: list[object], taken: dict[str, StepKind]) -> dict[str, StepKind]:
            made: dict[str, StepKind] = {}
            for one in brought:
                if not isinstance(one, StepKind) or not _is_sound_kind(one):
                    raise PluginRefused(f"{one!r:.80} is not a sound StepKind")
                if one.key in taken or one.key in made:
                    raise PluginRefused(f"there is already a kind of step named {one.key!r}")
                made[one.key] = one
            return made

        return self._collected("register_step_kinds", take)[0]

    def register_procedures(self) -> tuple[Path, ...]:
        """Return the procedure files of all plugins; a plugin that raises is refused."""

        def take(brought: list[object], _taken: dict[str, Path]) -> dict[str, Path]:
            for file in brought:
                if not isinstance(file, str | Path):
                    raise PluginRefused(f"{type(file).__name__} is not a path")
            return {str(file): Path(str(file)) for file in brought}

        return tuple(self._collected("register_procedures", take)[0].values())

    def next_ticket(self, desk: DeskView, waiting: Sequence[TicketView]) -> str | None:
        """Return the id of the ticket that ``desk`` should call; None when no plugin chose one.

        A plugin that raises, is slow, or names a ticket that is not waiting, is passed over.
        """
        offered = {ticket.id for ticket in waiting}
        given = {"desk": desk, "waiting": tuple(waiting)}
        for implementation in self._implementations("next_ticket"):
            plugin = implementation.plugin_name
            try:
                chosen = self._ask("next_ticket", implementation, limit_s=CHOOSE_S, given=given)
                if chosen is not None and (not isinstance(chosen, str) or chosen not in offered):
                    raise PluginRefused("chose a ticket that is not waiting")
            # The clerk must get a ticket whatever one plugin does.
            except Exception as error:  # noqa: BLE001 - see above
                self._failed(plugin, "next_ticket", said(error))
                continue
            self._worked(plugin, "next_ticket")
            if chosen is not None:
                return str(chosen)
        return None

    def ticket_called(self, ticket: TicketView, desk: DeskView) -> None:
        """Tell every plugin that a citizen is called; nobody waits."""
        self._tell("ticket_called", ticket=ticket, desk=desk)

    def check_page(self, page: PageView, image: Path) -> tuple[Problem, ...]:
        """Return what all plugins find wrong with a page.

        A plugin that raises or is slow bars the page with ``check-failed``: an unchecked page is
        not shown. One that is switched off leaves a warning instead, so that visits go on.
        """
        problems: list[Problem] = []
        for place, implementation in enumerate(self._implementations("check_page")):
            plugin = implementation.plugin_name
            try:
                own = _own_copy(image, place) if "image" in implementation.argnames else image
                given = {"page": page, "image": own}
                found = self._ask_for_list("check_page", implementation, limit_s=CHECK_S, **given)
                problems += _problems(found)
            # Whatever the check raised, the page has not passed it.
            except Exception as error:  # noqa: BLE001 - see above
                self._failed(plugin, "check_page", said(error))
                problems.append(Problem(key="check-failed", bars=True, facts=(("plugin", plugin),)))
            else:
                self._worked(plugin, "check_page")
        return (*problems, *self._checks_left_out())

    def _checks_left_out(self) -> Iterable[Problem]:
        return [
            Problem(key="check-left-out", bars=False, facts=(("plugin", one.name),))
            for one in self.plugins
            if one.is_off and "check_page" in one.hooks
        ]


def _no_more(_driver: Driver) -> Iterable[str]:
    return ()


def _mistakes_of_filter(one: PageFilter) -> Iterable[str]:
    if not is_key(getattr(one, "key", None)):
        yield "key: small letters, digits and single hyphens are needed"
    if not is_text(getattr(one, "title", None)):
        yield "title: a Text with all languages is needed"
    if not isinstance(getattr(one, "order", None), int):
        yield "order: a whole number is needed"


def _is_sound_kind(kind: StepKind) -> bool:
    key = kind.key.replace("_", "-") if isinstance(kind.key, str) else None
    brings_page = kind.has_scan is True or kind.has_signature is True
    needed = {Proof.SCAN: brings_page, Proof.PRINT: kind.has_form, Proof.ACTION: kind.has_action}
    return (
        is_key(key)
        and is_text(kind.title)
        and kind.proof in set(Proof)
        and needed.get(kind.proof, True) is True
        and (kind.has_form is True or not kind.has_signature)
    )


def _own_copy(image: Path, place: int) -> Path:
    """Return a copy for one plugin, so that what it does to the file is not seen by the next."""
    own = image.with_name(f"{image.name}-{place}")
    if image.exists():
        shutil.copyfile(image, own)
    return own


def _problems(found: Iterable[object]) -> list[Problem]:
    problems = []
    for problem in found:
        if not isinstance(problem, Problem):
            raise PluginRefused(f"{type(problem).__name__} is not a Problem")
        is_key_sound = isinstance(problem.key, str) and len(problem.key) <= MOST_PROBLEM_CHARACTERS
        facts_are = isinstance(problem.facts, tuple) and all(
            isinstance(fact, tuple) and len(fact) == 2 and all(isinstance(one, str) for one in fact)
            for fact in problem.facts
        )
        if not (is_key_sound and isinstance(problem.bars, bool) and facts_are):
            raise PluginRefused("a Problem has a key, whether it bars, and pairs of texts")
        problems.append(problem)
    return problems
