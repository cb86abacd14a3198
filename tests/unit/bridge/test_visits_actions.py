"""Actions of plugins in a visit: offered, filled in, allowed, run, told, forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.counters import offers
from bridge.counters.models import DeviceJob
from tests.makers import PRINTER, SCANNER, AgentClient, Clock
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World

BELL = "action:ring-bell"


def text(said: str) -> dict[str, str]:
    """Return a text that is the same in every language."""
    return {"ca": said, "es": said, "en": said}


def ring(**changes: object) -> dict[str, Any]:
    """Return the action that rings, as an agent describes it."""
    field = {"key": "times", "label": text("How often"), "kind": "number", "least": 1, "most": 5}
    return {
        "key": "ring-bell",
        "title": text("Ring"),
        "consent": text("Ring the bell."),
        "fields": [field],
        "rows": [{"key": "rung", "label": text("Rings")}],
        "icon": "M3 5h18v6H3z",
        **changes,
    }


OFFER: dict[str, Any] = {
    "actions": [ring()],
    "filters": [{"key": "blank-backs", "title": text("Without blank backs")}],
}


@pytest.fixture
def seated(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Give a citizen in a meeting, the clerk, and an agent with a bell."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.house.agent(citizen.counter)
    agent.hello(SCANNER, PRINTER, offer=OFFER)
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def rings(clerk: Clerk, **options: object) -> Answer:
    """Ask for the bell."""
    return clerk.wants("action", device=BELL, options=options)


def allowed(citizen: Citizen) -> str:
    """Allow the job on the screen, and return its id."""
    waiting = [one for one in citizen.state()["jobs"] if one["state"] == "awaiting_consent"]
    job = waiting[0]["id"]
    assert citizen.does(f"jobs/{job}/consent", allow=True).status == 200
    return str(job)


def test_an_action_is_offered_and_asked_for_first(
    seated: tuple[Citizen, Clerk, AgentClient],
) -> None:
    """The clerk sees its form, the citizen its sentence; the agent hears of it when allowed."""
    citizen, clerk, agent = seated
    (action,) = clerk.visit()["actions"]
    assert (action["device"], action["title"]["en"]) == (BELL, "Ring")
    assert action["fields"][0]["most"] == 5
    assert rings(clerk, times=3).status == 201
    (job,) = citizen.state()["jobs"]
    assert (job["kind"], job["state"]) == ("action", "awaiting_consent")
    assert job["consent"]["ca"] == "Ring the bell."
    assert (job["options"], "answer" in job) == ({}, False)
    assert agent.received("job") == []
    allowed(citizen)
    (order,) = agent.received("job")
    assert (order["kind"], order["device"], order["options"]) == ("action", BELL, {"times": 3})


def test_the_answer_is_the_clerks_and_is_forgotten(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """What an action says is shown row by row, kept out of the audit, and gone with the visit."""
    citizen, clerk, agent = seated
    rings(clerk, times=3)
    job = allowed(citizen)
    answer = {"rung": 3}
    assert agent.report(job, 1, "produced", answer=answer, facts={"duration_ms": 5})["ok"]
    assert clerk.visit()["jobs"][0]["answer"] == answer
    with world.house.app.database.reading() as db:
        facts = [entry.facts for entry in db.scalars(select(Entry))]
    assert not any("rung" in str(fact) for fact in facts)
    assert clerk.does("ending").status == 200
    assert world.house.job(job).answer == answer
    assert clerk.does("closing").status == 200
    kept = world.house.job(job)
    assert (kept.answer, kept.options) == (None, {})


@pytest.mark.parametrize(
    ("body", "status", "key"),
    [
        ({"options": {"times": 9}}, 400, "form-unfit"),
        ({"options": {"times": "3"}}, 400, "form-unfit"),
        ({"options": {"loud": True}}, 400, "form-unfit"),
        ({"device": "action:open-safe"}, 409, "action-away"),
        ({"device": "fake:scanner"}, 409, "action-away"),
    ],
)
def test_what_makes_no_sense_is_refused(
    seated: tuple[Citizen, Clerk, AgentClient], body: dict[str, Any], status: int, key: str
) -> None:
    """A wrong value, an unknown field, an action that is not offered: a clear no, and no job."""
    _citizen, clerk, _agent = seated
    answer = clerk.wants("action", **{"device": BELL, "options": {}, **body})
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (status, key)
    assert clerk.visit()["jobs"] == []


def test_the_citizen_refuses(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """No action runs that the citizen has refused."""
    citizen, clerk, agent = seated
    rings(clerk, times=1)
    job = citizen.state()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{job}/consent", allow=False).json["jobs"] == []
    assert clerk.visit()["jobs"][0]["state"] == "refused"
    assert agent.received("job") == []


def test_who_may_not_leave_reads_what_still_works(
    seated: tuple[Citizen, Clerk, AgentClient],
) -> None:
    """An action is named by its title; its device has no name that a person knows."""
    citizen, clerk, agent = seated
    rings(clerk, times=1)
    agent.report(allowed(citizen), 1, "running")
    answer = clerk.does("ending")
    assert (answer.json["key"], answer.json["facts"]["device"]) == ("job-running", "Ring")


@pytest.mark.parametrize(
    "spoilt",
    [
        ring(key="Ring Bell"),
        ring(title=text("")),
        ring(icon='M0 0"/><script>'),
        ring(rows=[{"key": "a", "label": text("x" * 301)}]),
        ring(limit_s=1e9),
    ],
)
def test_an_agent_cannot_offer_nonsense(world: World, spoilt: dict[str, Any]) -> None:
    """What a screen could not show is left out; the rest of the offer stands."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.house.agent(citizen.counter)
    other = ring(key="other")
    assert agent.hello(SCANNER, offer={**OFFER, "actions": [spoilt, other, other]})["ok"]
    world.serve(citizen, clerk)
    assert [one["key"] for one in clerk.visit()["actions"]] == ["other"]


def test_an_offer_without_end_is_left_out(world: World) -> None:
    """Of an offer that is too large nothing but the names of plugins is kept; the agent is taken."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.house.agent(citizen.counter)
    many = [ring(key=f"ring-{number}") for number in range(500)]
    assert agent.hello(SCANNER, offer={"actions": many, "plugins_off": ["bell"]})["ok"]
    world.serve(citizen, clerk)
    visit = clerk.visit()
    assert (visit["actions"], visit["plugins_off"]) == ([], ["bell"])
    assert [device["id"] for device in visit["devices"]] == ["fake:scanner"]


def test_what_was_asked_of_an_action_is_forgotten_in_time(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """An action that ended without an answer keeps what it was filled with no longer than others."""
    citizen, clerk, agent = seated
    rings(clerk, times=3)
    job = allowed(citizen)
    later = world.house.clock() + timedelta(days=2)
    with world.house.app.database.transaction() as db:
        assert offers.forget_old_answers(db, before=later) == 0
    assert agent.report(job, 1, "failed", reason="driver-failed")["ok"]
    with world.house.app.database.transaction() as db:
        assert offers.forget_old_answers(db, before=later) == 1
        assert offers.forget_old_answers(db, before=later) == 0
    assert world.house.job(job).options == {}


def test_an_older_agent_is_ordered_no_action(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """An agent that was set back to the wire before gets neither actions nor filters again."""
    citizen, clerk, agent = seated
    rings(clerk, times=3)
    allowed(citizen)
    clerk.wants("scan", options={"filters": ["blank-backs"]})
    allowed(citizen)
    agent.leave()
    older = AgentClient(world.house, agent.token, wire=1)
    (order,) = older.hello(SCANNER, PRINTER)["jobs"]
    assert order["kind"] == "scan"
    assert "filters" not in order["options"]
    world.house.clock.go(minutes=1)
    world.house.app.agents.send_again(world.house.clock())
    assert {one["kind"] for one in older.received("job")} == {"scan"}


def test_an_answer_that_was_not_announced_is_left_out(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """The job ends as it ended; what it says without having announced it is not kept."""
    citizen, clerk, agent = seated
    rings(clerk)
    job = allowed(citizen)
    assert agent.report(job, 1, "produced", answer={"id-number": "00000000T"})["ok"]
    assert (world.house.job(job).state.value, world.house.job(job).answer) == ("produced", None)


def test_filters_are_asked_for_by_name(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """A filter that the counter has travels with the scan; an unknown one is refused."""
    citizen, clerk, agent = seated
    assert clerk.visit()["filters"][0]["key"] == "blank-backs"
    refused = clerk.wants("scan", options={"filters": ["bleach"]})
    assert refused.json["type"].endswith("device-incapable")
    clerk.wants("scan", options={"filters": ["blank-backs"]})
    allowed(citizen)
    assert agent.received("job")[0]["options"]["filters"] == ["blank-backs"]


def test_an_older_agent_is_taken_and_hears_no_new_words(world: World) -> None:
    """An agent of the wire before is welcome, and a scan for it has nothing it does not know."""
    citizen, clerk = world.citizen(), world.clerk()
    token = world.house.token(citizen.counter, "agent")
    agent = AgentClient(world.house, token, wire=1)
    assert agent.hello(SCANNER)["wire"] == 1
    world.serve(citizen, clerk)
    clerk.wants("scan")
    allowed(citizen)
    assert "filters" not in agent.received("job")[0]["options"]


def test_plugins_that_are_off_are_named_at_the_desk(world: World) -> None:
    """The clerk reads which plugins are not used, and that the counter started in safe mode."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.house.agent(citizen.counter)
    agent.hello(SCANNER, offer={"plugins_off": ["bell"], "is_safe": True, "troubles": ["disk"]})
    world.serve(citizen, clerk)
    visit = clerk.visit()
    assert (visit["plugins_off"], visit["is_safe"], visit["troubles"]) == (["bell"], True, ["disk"])


def test_answers_that_a_crash_left_are_found(
    world: World, seated: tuple[Citizen, Clerk, AgentClient], clock: Clock
) -> None:
    """A day later the sweeper forgets what no closing did."""
    citizen, clerk, agent = seated
    rings(clerk)
    job = allowed(citizen)
    agent.report(job, 1, "produced", answer={"rung": 1})
    clock.go(hours=25)
    world.house.app.sweeper.sweep()
    with world.house.app.database.reading() as db:
        assert db.get_one(DeviceJob, job).answer is None
