"""Scans page by page: clerk or citizen says go, for the page that is waited for and no other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bridge.audit.models import Entry
from tests.makers import SCANNER, AgentClient
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World


@pytest.fixture
def seated(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Give a citizen in a meeting, the clerk, and the agent with its devices."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.plugs_in(citizen)
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def _begin(citizen: Citizen, clerk: Clerk, agent: AgentClient) -> str:
    """Have a scan wait for its second page; return the job."""
    assert clerk.wants("scan", options={"page_by_page": True}).status == 201
    (job,) = citizen.state()["jobs"]
    assert job["is_for_all_pages"]
    citizen.does(f"jobs/{job['id']}/consent", allow=True)
    (order,) = agent.received("job")
    assert order["options"]["page_by_page"] is True
    agent.report(job["id"], 1, "running")
    _awaits(agent, job["id"], 2)
    return str(job["id"])


def _awaits(agent: AgentClient, job: str, page: int) -> None:
    facts = {"page": page}
    agent.report(job, 2 * page, "needs_attention", reason="next_page", facts=facts)


def _at_desk(clerk: Clerk, job: str, **told: object) -> Answer:
    return clerk.does(f"jobs/{job}/next-page", **told)


def _jobs_of(clerk: Clerk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = clerk.visit()["jobs"]
    return found


def test_both_see_that_a_page_is_awaited(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Kiosk and desk are told which page, after a reload too, and nobody in the hall is called."""
    citizen, clerk, agent = seated
    _begin(citizen, clerk, agent)
    assert citizen.state()["jobs"][0]["awaits_page"] == 2
    assert _jobs_of(clerk)[0]["awaits_page"] == 2
    assert citizen.state()["help"] is None


def test_the_clerk_or_the_citizen_says_go(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """The agent hears it once for each page, and the audit has who said it."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    assert _at_desk(clerk, job, page=2).status == 200
    assert agent.received("job:next-page") == [{"id": job, "page": 2, "is_last": False}]
    agent.report(job, 5, "running")
    _awaits(agent, job, 3)
    assert citizen.does(f"jobs/{job}/next-page", page=3, is_last=True).status == 200
    assert agent.received("job:next-page") == [{"id": job, "page": 3, "is_last": True}]
    with world.house.app.database.reading() as db:
        found = select(Entry.actor_kind).where(Entry.tag == "job:continued")
        assert list(db.scalars(found.order_by(Entry.number))) == ["person", "citizen"]
    agent.report(job, 7, "produced", facts={"pages": 2})
    assert _jobs_of(clerk)[0]["awaits_page"] is None


@pytest.mark.parametrize("told", [{"page": 1}, {"page": 3}, {"page": 3, "is_last": True}])
def test_another_page_is_not_scanned(
    seated: tuple[Citizen, Clerk, AgentClient], told: dict[str, Any]
) -> None:
    """Who presses for a page that is not awaited (any more) is told so, and nothing moves."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    assert _at_desk(clerk, job, **told).json["key"] == "job-elsewhere"
    assert agent.received("job:next-page") == []


@pytest.mark.parametrize(
    "told", [{}, {"page": "two"}, {"page": 2, "is_last": "perhaps"}, {"page": None}]
)
def test_nonsense_is_refused(
    seated: tuple[Citizen, Clerk, AgentClient], told: dict[str, Any]
) -> None:
    """A body that is none is 400 at desk and kiosk."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    assert _at_desk(clerk, job, **told).status == 400
    assert citizen.does(f"jobs/{job}/next-page", **told).status == 400


def test_a_counter_without_its_agent_says_so(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """While the counter's computer is away nobody believes that the page is being scanned."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    agent.leave()
    assert _at_desk(clerk, job, page=2).json["key"] == "device-away"
    assert _jobs_of(clerk)[0]["awaits_page"] == 2


def test_what_the_agent_did_not_hear_is_said_again(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """When it comes back, reports that it still waits, or is late, the agent hears it once more."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    said = [{"id": job, "page": 2, "is_last": False}]
    assert citizen.does(f"jobs/{job}/next-page", page=2).status == 200
    assert agent.received("job:next-page") == said
    agent.hello(SCANNER, open_jobs=(job,))
    assert agent.received("job:next-page") == said
    agent.report(job, 5, "needs_attention", reason="next_page", facts={"page": 2})
    assert agent.received("job:next-page") == said
    world.house.app.agents.send_again(world.house.clock())
    assert agent.received("job:next-page") == said
    agent.report(job, 6, "running")
    _awaits(agent, job, 4)
    assert agent.received("job:next-page") == []


def test_after_a_fall_in_the_middle_of_a_page_somebody_is_asked_again(
    seated: tuple[Citizen, Clerk, AgentClient],
) -> None:
    """Nobody knows whether the page that was scanned then lies there still."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    assert citizen.does(f"jobs/{job}/next-page", page=2).status == 200
    assert len(agent.received("job:next-page")) == 1
    agent.report(job, 5, "running")
    agent.report(job, 6, "needs_attention", reason="next_page", facts={"page": 2})
    agent.hello(SCANNER, open_jobs=(job,))
    assert agent.received("job:next-page") == []
    assert citizen.state()["jobs"][0]["awaits_page"] == 2


def test_stop_everything_ends_the_wait(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The agent is told to stop, and the job is over for both."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    citizen.does("stop")
    assert agent.received("job:cancel") == [{"id": job}]
    assert _jobs_of(clerk)[0]["state"] == "cancelled"
    assert _at_desk(clerk, job, page=2).json["key"] == "job-elsewhere"


def test_an_agent_of_an_older_wire_scans_one_page(world: World) -> None:
    """It is not told a word that it would refuse the order for."""
    citizen, clerk = world.citizen(), world.clerk()
    token = world.house.token(citizen.counter, "agent")
    agent = AgentClient(world.house, token, wire=2)
    agent.hello(SCANNER)
    world.serve(citizen, clerk)
    clerk.wants("scan", options={"page_by_page": True})
    job = citizen.state()["jobs"][0]["id"]
    citizen.does(f"jobs/{job}/consent", allow=True)
    (order,) = agent.received("job")
    assert "page_by_page" not in order["options"]


def test_a_page_scanned_again_is_one_page(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """What replaces one page waits for no further one."""
    citizen, clerk, agent = seated
    job = _begin(citizen, clerk, agent)
    agent.report(job, 5, "produced")
    clerk.wants("scan", options={"page_by_page": False})
    assert "page_by_page" not in citizen.state()["jobs"][0]["options"]
