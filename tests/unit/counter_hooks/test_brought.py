"""What plugins bring and hear: the sound parts are used, nonsense keeps its plugin out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    Action,
    JobView,
    PageFilter,
    ResultView,
    StepKind,
    Text,
    hookimpl,
)
from counter_hooks.agent.offers import Offers
from counter_hooks.guard import MOST_FAILURES, Wish
from counter_hooks.registry import BridgeRegistry
from tests.unit.counter_hooks.test_guard import (
    DESK,
    PATIENCE_S,
    TICKET,
    Told,
    agent,
    bridge,
    state_of,
)

JOB = JobView(id="j1", kind="print", device_id="fake:printer")
DONE = ResultView(outcome="produced")
TEXT = Text(ca="c", es="e", en="n")


class Bare(Action):
    """An action that a test spoils."""

    key = "bare"
    title = consent = TEXT

    def run(self, job: object, context: object) -> dict[str, int]:
        """Do nothing."""
        return {}


class Plain(PageFilter):
    """A filter that a test spoils."""

    key = "plain"
    title = TEXT

    def apply(self, side: object, workdir: Path) -> None:
        """Do nothing."""


def spoilt(one: Any, **changes: object) -> Any:
    """Return ``one`` with ``changes``."""
    for name, value in changes.items():
        setattr(one, name, value)
    return one


def bringing(hook: str, *brought: object) -> object:
    """Return a plugin that brings these for ``hook``."""

    def register(_self: object) -> tuple[object, ...]:
        return brought

    register.__name__ = hook
    return type("Bringer", (), {hook: hookimpl(register)})()


@pytest.mark.parametrize(
    "brought",
    [
        7,
        Bare,
        spoilt(Bare(), key="Ring Bell"),
        spoilt(Bare(), key=7),
        spoilt(Bare(), title="Ring"),
        spoilt(Bare(), title=Text(ca="", es="e", en="n")),
        spoilt(Bare(), consent=Text(ca="c", es="e", en="n" * 301)),
        spoilt(Bare(), icon='M0 0"/><script>'),
        spoilt(Bare(), limit_s=0),
        spoilt(Bare(), limit_s=float("nan")),
        spoilt(Bare(), fields=["x"]),
        spoilt(Bare(), rows=(1,)),
    ],
)
def test_hook_register_actions(brought: object) -> None:
    """An action that cannot be shown refuses its plugin by name; the others' are there."""
    registry = agent(
        bad=bringing("register_actions", brought),
        good=bringing("register_actions", spoilt(Bare(), key="good")),
    )
    assert list(registry.register_actions()) == ["good"]
    assert not state_of(registry, "bad").loaded
    assert state_of(registry, "bad").reason


class Changing(Bare):
    """An action that describes itself otherwise once it was looked at."""

    looks = 0

    @property
    def icon(self) -> str:
        """Be a sign twice, and then end the program."""
        self.looks += 1
        if self.looks > 2:
            raise SystemExit
        return "M0 0"


@pytest.mark.parametrize("error", [SystemExit(3), ValueError()])
def test_a_property_that_raises_refuses_its_plugin(error: BaseException) -> None:
    """What a plugin brought is looked at inside the guard, too."""

    class Odd(Bare):
        @property
        def key(self) -> str:
            raise error

    registry = agent(
        bad=bringing("register_actions", Odd()),
        good=bringing("register_actions", spoilt(Bare(), key="good")),
    )
    assert list(registry.register_actions()) == ["good"]
    assert type(error).__name__ in state_of(registry, "bad").reason


def test_what_cannot_travel_is_not_offered() -> None:
    """An entry that raises while it is described costs that entry; the offer never changes."""
    changing = Changing()
    registry = agent(
        bad=bringing("register_actions", changing),
        good=bringing("register_actions", spoilt(Bare(), key="good")),
    )
    offers = Offers(registry)
    assert [one.key for one in offers.now().actions] == ["good"]
    assert offers.now() == offers.now()
    assert offers.action("action:bare") is None
    assert "SystemExit" in state_of(registry, "bad").last_error


@pytest.mark.parametrize(
    "brought",
    [7, Plain, spoilt(Plain(), key=""), spoilt(Plain(), title=None), spoilt(Plain(), order="1")],
)
def test_hook_register_page_filters(brought: object) -> None:
    """Filters come in their order; one that cannot be offered refuses its plugin."""
    first = spoilt(Plain(), key="first", order=5)
    registry = agent(
        bad=bringing("register_page_filters", brought),
        good=bringing("register_page_filters", spoilt(Plain(), key="last"), first),
    )
    assert list(registry.register_page_filters()) == ["first", "last"]
    assert not state_of(registry, "bad").loaded


@pytest.mark.parametrize(
    "brought",
    [
        7,
        StepKind(key="Big", title=TEXT),
        StepKind(key="twice", title="no"),  # type: ignore[arg-type]
        StepKind(key="scan", title=TEXT),
        StepKind(key="proof", title=TEXT, proof="scan"),  # type: ignore[arg-type]
    ],
    ids=["number", "key", "title", "taken", "proof without its table"],
)
def test_hook_register_step_kinds(brought: object) -> None:
    """The built-in kinds come through the same door, and a kind that makes no sense stays out."""
    plugin = bringing("register_step_kinds", brought)
    registry = BridgeRegistry(wish=Wish(names=("basics",), extra={"bad": plugin}))
    built_in = ["information", "scan", "print", "sign_and_scan_back", "action"]
    assert list(registry.register_step_kinds()) == built_in
    assert not state_of(registry, "bad").loaded


def test_hook_ticket_called() -> None:
    """Every plugin hears who is called."""
    one, two = Told(), Told()
    registry = bridge(one=one, two=two)
    registry.ticket_called(TICKET, DESK)
    assert registry.wait_until_told(PATIENCE_S)
    assert one.calls == two.calls == [TICKET]


def test_hook_job_finished() -> None:
    """Every plugin hears how a job came out."""
    heard: list[object] = []

    class Listener:
        @hookimpl
        def job_finished(self, job: JobView, result: ResultView) -> None:
            heard.extend((job, result))

    registry = agent(listener=Listener())
    registry.job_finished(JOB, DONE)
    assert registry.wait_until_told(PATIENCE_S)
    assert heard == [JOB, DONE]


def test_what_a_switched_off_plugin_brought_is_withdrawn() -> None:
    """An action whose plugin keeps failing is not offered any more; a driver is never taken away."""
    bare = Bare()
    registry = agent(bad=bringing("register_actions", bare))
    registry.register_actions()
    assert registry.is_usable(bare)
    for _ in range(MOST_FAILURES):
        registry.went_wrong(bare, "it broke")
    assert not registry.is_usable(bare)
