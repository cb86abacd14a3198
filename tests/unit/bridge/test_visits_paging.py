"""A device that needs hands calls somebody in the hall, and lets go when it needs none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.helpers.rules import NEEDS_HANDS, hands_for
from bridge.offices.rules import Role
from counter_hooks.model import Attention
from tests.makers import AgentClient
from tests.unit.bridge.visit_world import World, ask


class Jam:
    """A print under way, whose printer can be made to need something."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.citizen, self.clerk = world.citizen(), world.clerk()
        self.agent: AgentClient = world.plugs_in(self.citizen)
        self.helper: FlaskClient = world.house.desk(world.house.person("helper", Role.HELPER))
        self._sequence = 0
        world.serve(self.citizen, self.clerk)
        self.prints()

    def prints(self) -> None:
        """Have a form asked for and allowed."""
        self.clerk.wants("print", form="census-receipt")
        self.job = str(self.clerk.visit()["jobs"][0]["id"])
        self.citizen.does(f"jobs/{self.job}/consent", allow=True)

    def reports(self, state: str, reason: str | None = None) -> None:
        """Have the agent say how the print stands, a second later."""
        self.world.house.clock.go(seconds=1)
        self._sequence += 1
        assert self.agent.report(self.job, self._sequence, state, reason=reason)["ok"] is True

    def called(self) -> list[dict[str, Any]]:
        """Return what the helper's page shows."""
        found: list[dict[str, Any]] = ask(self.helper, "GET", "/api/helper").json["requests"]
        return found

    def helper_says(self, event: str) -> None:
        """Answer the request."""
        path = f"/api/helper/requests/{self.called()[0]['id']}/{event}"
        assert ask(self.helper, "POST", path).status == 200


@pytest.fixture
def jam(world: World) -> Jam:
    """Give a print under way."""
    return Jam(world)


def test_every_reason_is_somebodys() -> None:
    """The citizen closes lids and puts sheets in; all else, and the unknown, is for the hall."""
    assert {
        Attention.PAPER_EMPTY,
        Attention.PAPER_JAM,
        Attention.FEEDER_JAM,
        Attention.INK_EMPTY,
        Attention.DEVICE_OFFLINE,
        Attention.NEEDS_LOGIN,
        Attention.WRONG_MEDIA,
        Attention.UNKNOWN,
    } == NEEDS_HANDS
    assert hands_for("cover_open") is None
    assert hands_for("stapler-on-fire") is Attention.UNKNOWN
    assert hands_for(None) is Attention.UNKNOWN


def test_a_jam_calls_somebody_and_a_mended_printer_lets_them_go(jam: Jam) -> None:
    """The helper reads where and what, the citizen that somebody was called; then both forget."""
    jam.reports("needs_attention", "paper_jam")
    (request,) = jam.called()
    assert (request["reason"], request["detail"]) == ("device", "paper_jam")
    assert jam.citizen.state()["help"]["state"] == "raised"
    assert jam.clerk.visit()["help"]["reason"] == "device"
    jam.reports("running")
    assert jam.called() == []
    assert jam.citizen.state()["help"] is None
    assert jam.world.house.names().count("help:raised") == 1
    assert jam.world.house.names().count("help:withdrawn") == 1


def test_what_the_citizen_can_mend_calls_nobody(jam: Jam) -> None:
    """An open lid is the citizen's; when paper is missing too, somebody is called after all."""
    jam.reports("needs_attention", "cover_open")
    assert jam.called() == []
    jam.reports("needs_attention", "paper_empty")
    assert jam.called()[0]["detail"] == "paper_empty"
    jam.reports("needs_attention", "paper_jam")
    assert jam.called()[0]["detail"] == "paper_jam"
    jam.reports("needs_attention", "cover_open")
    assert jam.called() == []


@pytest.mark.parametrize(
    "end",
    [
        lambda jam: jam.citizen.does("stop"),
        lambda jam: jam.clerk.does(f"jobs/{jam.job}/cancellation"),
        lambda jam: jam.reports("failed", "device-gone"),
        lambda jam: jam.reports("produced"),
    ],
)
def test_a_job_that_ended_calls_nobody(jam: Jam, end: Callable[[Jam], object]) -> None:
    """However it ends, nobody walks to a device for it any more."""
    jam.reports("needs_attention", "paper_empty")
    jam.helper_says("acknowledge")
    end(jam)
    assert jam.called() == []


def test_somebody_is_called_once(jam: Jam) -> None:
    """Neither the same report, nor the sweep, nor a "solved" too early calls twice; a new jam does."""
    jam.reports("needs_attention", "paper_jam")
    jam.reports("needs_attention", "paper_jam")
    jam.world.house.app.sweeper.sweep()
    assert jam.world.house.names().count("help:raised") == 1
    jam.helper_says("solve")
    jam.world.house.app.sweeper.sweep()
    assert jam.called() == []
    jam.reports("running")
    jam.reports("needs_attention", "paper_jam")
    assert len(jam.called()) == 1


def test_who_was_called_by_hand_reads_what_is_wrong(jam: Jam) -> None:
    """The citizen's own call stays the citizen's; what is wrong stands in it while it is."""
    jam.citizen.does("help")
    jam.reports("needs_attention", "paper_jam")
    (request,) = jam.called()
    assert (request["reason"], request["detail"]) == ("citizen_asks", "paper_jam")
    jam.reports("running")
    (request,) = jam.called()
    assert (request["reason"], request["detail"]) == ("citizen_asks", None)


def test_who_is_asked_for_besides_the_device_is_not_called_off(jam: Jam) -> None:
    """A citizen who asks while somebody is called to a device keeps that person when it recovers."""
    jam.reports("needs_attention", "paper_jam")
    jam.citizen.does("help")
    (request,) = jam.called()
    assert (request["reason"], request["detail"]) == ("citizen_asks", "paper_jam")
    jam.reports("running")
    (request,) = jam.called()
    assert (request["reason"], request["detail"]) == ("citizen_asks", None)


def test_the_same_trouble_calls_nobody_twice(jam: Jam) -> None:
    """Whoever came for the citizen and read what is wrong with the device has been there for both."""
    jam.citizen.does("help")
    jam.reports("needs_attention", "paper_jam")
    jam.helper_says("solve")
    jam.world.house.app.sweeper.sweep()
    assert jam.called() == []


def test_another_trouble_calls_again(jam: Jam) -> None:
    """Who solved the jam has not seen that the paper is missing, too."""
    jam.reports("needs_attention", "paper_jam")
    jam.helper_says("solve")
    jam.reports("needs_attention", "paper_empty")
    assert jam.called()[0]["detail"] == "paper_empty"


def test_the_sweep_makes_up_for_a_lost_event(jam: Jam, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bridge that died between the report and the call calls when it is back."""
    with monkeypatch.context() as lost:
        lost.setattr(jam.world.house.app.events, "tell", lambda _event: None)
        jam.reports("needs_attention", "paper_jam")
    assert jam.called() == []
    jam.world.house.app.sweeper.sweep()
    assert jam.called()[0]["detail"] == "paper_jam"


def test_the_call_is_in_the_audit(jam: Jam) -> None:
    """Who called, where and why: the system, with the device's own reason."""
    jam.reports("needs_attention", "paper_jam")
    with jam.world.house.app.database.reading() as db:
        (entry,) = db.scalars(select(Entry).where(Entry.tag == "help:raised"))
        assert entry.actor_kind == "system"
        assert entry.facts["detail"] == "paper_jam"


def test_trouble_is_one_counters(jam: Jam) -> None:
    """Nobody is sent to the place beside it."""
    beside = jam.world.citizen("counter-2")
    jam.reports("needs_attention", "paper_jam")
    assert beside.state()["help"] is None
