"""Plugins that break, hang, lie or meddle: named, cut off, and nobody else is harmed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    DeskView,
    Problem,
    TicketView,
    hookimpl,
)
from counter_hooks.guard import MOST_FAILURES, Registry, Wish
from counter_hooks.loading import PluginState
from counter_hooks.registry import AgentRegistry, BridgeRegistry
from tests.plugins import AGENT, Install

PATIENCE_S = 30.0
DESK = DeskView(clerk_id="clerk", office_key="office")
TICKET = TicketView(
    id="t1",
    number="A001",
    priority=2,
    issued_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    counter_key=None,
    procedures=("census",),
    language="ca",
)


class Told:
    """A plugin of the bridge that does with what it is told what a test wants."""

    def __init__(self, do: Any = None) -> None:
        self.do = do
        self.calls: list[Any] = []

    @hookimpl
    def ticket_called(self, ticket: TicketView) -> None:
        """Take note, and do it."""
        self.calls.append(ticket)
        if self.do is not None:
            self.do(ticket)


def bridge(**plugins: object) -> BridgeRegistry:
    """Return a bridge's registry with these plugins alone, and limits that nobody meets."""
    return BridgeRegistry(wish=Wish(names=(), extra=plugins, limit_s=PATIENCE_S))


def agent(**plugins: object) -> AgentRegistry:
    """Return an agent's registry with these plugins alone, and limits that nobody meets."""
    return AgentRegistry(wish=Wish(names=(), extra=plugins, limit_s=PATIENCE_S))


def state_of(registry: Registry, name: str) -> PluginState:
    """Return what a registry says of one plugin."""
    return next(one for one in registry.plugins if one.name == name)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
        (ValueError(), "ValueError"),
        (ValueError("a\n  b"), "ValueError: a b"),
    ],
)
def test_whatever_is_raised_is_that_plugins_failure(error: BaseException, said: str) -> None:
    """Neither an exception without a text nor one that ends programs reaches anybody else."""

    def fail(_ticket: TicketView) -> None:
        raise error

    bad, good = Told(fail), Told()
    registry = bridge(bad=bad, good=good)
    registry.ticket_called(TICKET, DESK)
    assert registry.wait_until_told(PATIENCE_S)
    assert state_of(registry, "bad").last_error == f"ticket_called: {said}"
    assert good.calls == [TICKET]


def test_an_error_that_cannot_say_what_it_is(install: Install) -> None:
    """An exception whose text raises in its turn is named by its class."""
    install(
        "odd",
        "class Odd(Exception):\n    def __str__(self): raise SystemExit\nraise Odd",
        group=AGENT,
    )
    assert state_of(AgentRegistry(names=["odd"]), "odd").reason == "it cannot be imported: Odd"


@pytest.mark.parametrize(
    "call", ["exit()", "raise KeyboardInterrupt", "import time; time.sleep(60)"]
)
def test_import_that_ends_or_stops_everything(install: Install, call: str) -> None:
    """A module that exits, interrupts or sleeps while it is imported is left out in time."""
    install("bad", call)
    registry = BridgeRegistry(wish=Wish(names=["bad", "fifo"], limit_s=3))
    assert not state_of(registry, "bad").loaded
    assert registry.next_ticket(DESK, [TICKET]) == "t1"


def test_who_keeps_failing_is_switched_off(caplog: pytest.LogCaptureFixture) -> None:
    """After three failures in a row nothing is asked of a plugin any more, and it is named."""
    bad = Told(lambda _: 1 / 0)
    registry = bridge(bad=bad)
    changes: list[str] = []
    registry.on_change(lambda: changes.append(state_of(registry, "bad").reason))
    for _ in range(MOST_FAILURES + 2):
        registry.ticket_called(TICKET, DESK)
        assert registry.wait_until_told(PATIENCE_S)
    state = state_of(registry, "bad")
    assert (len(bad.calls), state.is_off) == (MOST_FAILURES, True)
    assert "ZeroDivisionError" in state.reason
    assert [one.name for one in registry.troubled] == ["bad"]
    assert changes[-1] == state.reason
    assert "plugin bad is switched off" in caplog.text
    assert not registry.has("ticket_called")


def test_a_success_forgives_what_was_before() -> None:
    """Only failures in a row count."""
    fails = iter([True, True, False, True, True])

    def sometimes(_ticket: TicketView) -> None:
        if next(fails):
            raise OSError

    registry = bridge(sometimes=Told(sometimes))
    for _ in range(5):
        registry.ticket_called(TICKET, DESK)
        assert registry.wait_until_told(PATIENCE_S)
    assert state_of(registry, "sometimes").failures == 2
    assert not registry.troubled


def test_nobody_waits_for_who_is_told() -> None:
    """Whoever tells goes on while a plugin sleeps, and the other plugins are told."""
    wake = threading.Event()
    sleeper, other = Told(lambda _: wake.wait(PATIENCE_S)), Told()
    registry = bridge(sleeper=sleeper, other=other)
    registry.ticket_called(TICKET, DESK)
    registry.ticket_called(TICKET, DESK)
    registry._tellers["other"].idle.wait(PATIENCE_S)  # noqa: SLF001 - this one plugin alone
    assert len(other.calls) == 2
    assert not registry._tellers["sleeper"].idle.is_set()  # noqa: SLF001 - as above
    wake.set()
    assert registry.wait_until_told(PATIENCE_S)
    assert len(sleeper.calls) == 2


def test_a_call_that_never_returns_is_left_and_counted() -> None:
    """Its thread is counted as lost until it comes back after all."""
    wake = threading.Event()
    # Loading keeps to the limit too, so that it must be one that a busy machine keeps.
    registry = BridgeRegistry(
        wish=Wish(names=(), extra={"sleeper": Told(lambda _: wake.wait(PATIENCE_S))}, limit_s=3)
    )
    registry.ticket_called(TICKET, DESK)
    assert registry.wait_until_told(PATIENCE_S)
    assert "no answer within" in state_of(registry, "sleeper").last_error
    assert registry.calls.lost == 1
    wake.set()
    wait_for(lambda: registry.calls.lost == 0)


def test_too_much_to_tell_is_dropped() -> None:
    """What waits for a plugin is bounded; the rest is held against it."""
    wake = threading.Event()
    registry = bridge(sleeper=Told(lambda _: wake.wait(PATIENCE_S)))
    for _ in range(110):
        registry.ticket_called(TICKET, DESK)
    assert "too much waits" in state_of(registry, "sleeper").last_error
    wake.set()
    assert registry.wait_until_told(PATIENCE_S)


def test_a_plugin_changes_only_its_own_copies() -> None:
    """What one does to its arguments, even to frozen ones, is not seen by the next."""

    class Meddler:
        @hookimpl
        def ticket_called(self, ticket: TicketView, settings: dict[str, list[int]]) -> None:
            object.__setattr__(ticket, "id", "mine")
            settings["list"].append(1)

    settings = {"meddler": {"list": [0]}}
    seen = Told()
    registry = BridgeRegistry(
        wish=Wish(names=(), extra={"seen": seen, "meddler": Meddler()}, settings=settings)
    )
    registry.ticket_called(TICKET, DESK)
    assert registry.wait_until_told(PATIENCE_S)
    assert (seen.calls[0].id, TICKET.id, settings["meddler"]["list"]) == ("t1", "t1", [0])


def test_one_object_cannot_be_two_plugins() -> None:
    """A plugin that is registered twice is refused the second time, by its reason."""
    plugin = Told()
    registry = bridge(one=plugin, two=plugin)
    assert state_of(registry, "one").loaded
    assert "already" in state_of(registry, "two").reason


def test_two_distributions_of_one_name(install: Install, tmp_path: Path) -> None:
    """Of two plugins with one name the first is used, and the clash is named."""
    install("bell", "@hookimpl\ndef next_ticket(): return None")
    (tmp_path / "other").mkdir()
    other = tmp_path / "other-2.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 2.0\n")
    (other / "entry_points.txt").write_text("[counter_hooks.bridge]\nbell = nothing\n")
    found = state_of(BridgeRegistry(names=["bell"]), "bell")
    assert found.loaded
    assert found.last_error == "name: another plugin of 2.0 has it too"


def test_safe_mode_leaves_out_strangers(install: Install) -> None:
    """In safe mode only what comes with the program is loaded."""
    install("bell", "@hookimpl\ndef next_ticket(): return None")
    registry = BridgeRegistry(wish=Wish(is_safe=True))
    assert {one.name for one in registry.plugins} == {"basics", "fifo", "signature"}
    assert registry.is_safe


def test_calls_are_traced_by_ids(capsys: pytest.CaptureFixture[str]) -> None:
    """OAC_TRACE_HOOKS prints who was called with what and what came of it, and no content."""
    wish = Wish(names=(), extra={"told": Told(lambda _: 1 / 0)}, is_traced=True)
    registry = BridgeRegistry(wish=wish)
    registry.ticket_called(TICKET, DESK)
    assert registry.wait_until_told(PATIENCE_S)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "hook ticket_called told (ticket=TicketView:t1 desk=DeskView:clerk) -> ZeroDivisionError"
    )
    assert "A001" not in line


def endless() -> Iterator[Problem]:
    """Find fault for ever."""
    while True:
        yield Problem(key="no", bars=False)


@pytest.mark.parametrize(
    "answer",
    [
        7,
        ["text"],
        [Problem(key=7, bars=False)],  # type: ignore[arg-type]
        [Problem(key="x" * 61, bars=False)],
        [Problem(key="no", bars="yes")],  # type: ignore[arg-type]
        [Problem(key="no", bars=False, facts=(("one",),))],  # type: ignore[arg-type]
        endless(),
    ],
    ids=["number", "texts", "key", "long key", "bars", "facts", "endless"],
)
def test_nonsense_of_a_check_bars_the_page(answer: object, tmp_path: Path) -> None:
    """A check that returns nonsense has not passed the page; the nonsense goes nowhere."""

    class Check:
        @hookimpl
        def check_page(self) -> object:
            return answer

    registry = bridge(check=Check())
    problems = registry.check_page(None, tmp_path / "image")  # type: ignore[arg-type]
    assert [(one.key, one.bars) for one in problems] == [("check-failed", True)]


def test_a_check_that_is_switched_off_is_told(tmp_path: Path) -> None:
    """Visits go on without it, and every page says that it is missing."""

    class Check:
        @hookimpl
        def check_page(self) -> object:
            raise OSError

    registry = bridge(check=Check())
    for _ in range(MOST_FAILURES):
        registry.check_page(None, tmp_path / "image")  # type: ignore[arg-type]
    (problem,) = registry.check_page(None, tmp_path / "image")  # type: ignore[arg-type]
    assert (problem.key, problem.bars) == ("check-left-out", False)


def wait_for(condition: Any) -> None:
    """Wait until ``condition`` holds."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("waited in vain")


def test_what_belongs_to_the_other_program_is_no_trouble(install: Install) -> None:
    """Agent and bridge may share one list of names; one that is nobody's is trouble in both."""
    install("lamp", "pass", group=AGENT)
    names = ["lamp", "fifo", "fake", "lmap"]
    assert [one.name for one in BridgeRegistry(names=names).troubled] == ["lmap"]
    assert [one.name for one in AgentRegistry(names=names).troubled] == ["lmap"]
