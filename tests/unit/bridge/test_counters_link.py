"""The agents' link: who is let in, what is ordered, what reports do."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.audit.rules import Tag
from bridge.counters import jobs, service
from bridge.counters.doubles import MOST_REPLACED
from bridge.counters.models import Counter, DeviceJob
from bridge.counters.rules import JobState
from tests.makers import PRINTER, SCANNER, AgentClient, House


@pytest.fixture
def counter(house: House) -> Counter:
    """Give a counter."""
    return house.counter()


@pytest.fixture
def agent(house: House, counter: Counter) -> AgentClient:
    """Give the counter's agent, with a scanner and a printer."""
    agent = house.agent(counter)
    agent.hello(SCANNER, PRINTER)
    return agent


def _order(house: House, counter: Counter, *, key: str = "k1", consent: bool = False) -> DeviceJob:
    wanted = jobs.JobRequest(
        counter_id=counter.id,
        visit_id="visit-1",
        requested_by=None,
        kind="scan",
        device_id="fake:scanner",
        idempotency_key=key,
        options={"resolution_dpi": 300},
        needs_consent=consent,
    )
    with house.app.database.transaction() as db:
        return jobs.request_job(db, wanted, now=house.clock())


def test_a_stranger_is_refused(house: House, counter: Counter) -> None:
    """An agent without a good token, or of another wire version, is not connected."""
    assert not AgentClient(house, "made up").is_connected
    assert not AgentClient(house, house.token(counter, "agent"), wire=99).is_connected
    assert not AgentClient(house, house.token(counter, "kiosk")).is_connected


def test_hello_syncs_devices(house: House, counter: Counter, agent: AgentClient) -> None:
    """After hello the devices are those that were told; one that went away is not present."""
    with house.app.database.reading() as db:
        assert {one.id for one in service.present_devices(db, counter.id)} == {
            "fake:scanner",
            "fake:printer",
        }
    assert agent.say("devices", {"devices": [PRINTER]}) == {"ok": True}
    with house.app.database.reading() as db:
        assert [one.id for one in service.present_devices(db, counter.id)] == ["fake:printer"]


def test_the_agents_coming_and_going_is_known(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """A counter's agent is there from hello to goodbye."""

    def is_there() -> bool:
        with house.app.database.reading() as db:
            found = service.counter_by_key(db, counter.key)
            return service.is_agent_there(found, now=house.clock())

    assert is_there()
    agent.leave()
    assert not is_there()


def test_a_second_connection_ends_the_first(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """The newest connection of an agent counts; the earlier one's end changes nothing."""
    token = house.token(counter, "agent")
    first = house.agent(counter, token)
    first.hello(SCANNER)
    second = house.agent(counter, token)
    second.hello(SCANNER)
    assert not first.is_connected
    assert second.is_connected
    assert house.app.agents.present() == [counter.id]


def test_two_agents_with_one_token_do_not_oust_each_other_for_ever(
    house: House, counter: Counter
) -> None:
    """Soon the one that stands is left alone, the other refused, and the audit says so once."""
    token = house.token(counter, "agent")
    standing = house.agent(counter, token)
    for _ in range(MOST_REPLACED):
        standing = house.agent(counter, token)
    standing.hello(SCANNER)
    for _ in range(2):
        assert not house.agent(counter, token).is_connected
    assert standing.is_connected
    with house.app.database.reading() as db:
        tags = list(db.scalars(select(Entry.tag)))
    assert tags.count(Tag.AGENT_DOUBLED) == 1
    standing.leave()
    assert house.agent(counter, token).is_connected


def test_a_token_revoked_in_mid_job_ends_it_with_a_reason(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """Another agent is not given what the earlier one may have done; the audit says why it failed."""
    job = _order(house, counter)
    agent.report(job.id, 1, "accepted")
    agent.report(job.id, 2, "running")
    token = house.token(counter, "agent")
    failed = house.job(job.id)
    assert (failed.state, failed.reason) == (JobState.FAILED, "token-revoked")
    with house.app.database.reading() as db:
        moved = select(Entry).where(Entry.tag == Tag.JOB_MOVED, Entry.subject_id == job.id)
        assert [entry.facts["reason"] for entry in db.scalars(moved)][-1] == "token-revoked"
    welcome = house.agent(counter, token).hello(SCANNER, open_jobs=(job.id,))
    assert (welcome["jobs"], welcome["cancelled"]) == ([], [job.id])


def test_what_a_self_test_found_is_named_to_monitoring(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """A counter in trouble is named while its agent is there, not after it has left."""

    def troubled() -> object:
        return house.browser().get("/readyz").get_json()["agents"]["troubled"]

    agent.hello(SCANNER, offer={"troubles": ["disk", "x" * 1000]})
    assert troubled() == {counter.key: ["disk", "x" * 60]}
    agent.leave()
    assert troubled() == {}


def test_a_new_pairing_ends_the_old_connection(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """When another agent is paired for the counter, the earlier one is cut off."""
    assert agent.is_connected
    house.token(counter, "agent")
    assert not agent.is_connected


def test_an_order_goes_out_after_consent(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """A job is ordered only when the citizen allowed it."""
    job = _order(house, counter, consent=True)
    assert job.state is JobState.AWAITING_CONSENT
    assert agent.received("job") == []
    with house.app.database.transaction() as db:
        row = jobs.job_at(db, job.id, counter_id=counter.id)
        jobs.consent(db, row, allow=True, now=house.clock())
    (order,) = agent.received("job")
    assert order["id"] == job.id
    assert order["kind"] == "scan"
    assert order["options"] == {
        "resolution_dpi": 300,
        "colour": "colour",
        "source": "glass",
        "width_mm": 210.0,
        "height_mm": 297.0,
    }


def test_an_order_waits_for_the_agent(house: House, counter: Counter, agent: AgentClient) -> None:
    """What was ordered while the agent was away is in its welcome, what ended meanwhile is not."""
    token = house.token(counter, "agent")
    job = _order(house, counter)
    agent = house.agent(counter, token)
    welcome = agent.hello(SCANNER, open_jobs=("forgotten",))
    assert [order["id"] for order in welcome["jobs"]] == [job.id]
    assert welcome["cancelled"] == ["forgotten"]
    assert welcome["counter"] == counter.key


def test_an_order_nobody_took_up_is_sent_again(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """Until the agent says something about a job, it is sent again every now and then."""
    job = _order(house, counter)
    assert len(agent.received("job")) == 1
    house.app.agents.send_again(house.clock())
    assert agent.received("job") == []
    house.app.agents.send_again(house.clock.go(seconds=20))
    assert [order["id"] for order in agent.received("job")] == [job.id]
    agent.report(job.id, 1, "accepted")
    house.app.agents.send_again(house.clock.go(seconds=20))
    assert agent.received("job") == []


@pytest.mark.parametrize(
    ("key", "state"), [("message-unsound", JobState.FAILED), ("agent-full", JobState.QUEUED)]
)
def test_an_order_that_is_not_understood_fails(
    house: House, counter: Counter, agent: AgentClient, *, key: str, state: JobState
) -> None:
    """What the agent will never take ends with its reason; what it cannot take now is sent again."""
    job = _order(house, counter)
    agent.answer({"ok": False, "key": key})
    after = house.job(job.id)
    assert (after.state, after.reason) == (state, key if state is JobState.FAILED else None)
    agent.received("job")
    house.app.agents.send_again(house.clock.go(seconds=20))
    assert bool(agent.received("job")) is (state is JobState.QUEUED)


def test_what_an_agent_answers_late_or_in_vain_changes_nothing(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """A job that was taken up goes on, whatever is said of an earlier order; nonsense is heard out."""
    job = _order(house, counter)
    agent.report(job.id, 1, "accepted")
    agent.answer({"ok": False, "key": "message-unsound"})
    other = _order(house, counter, key="k2")
    agent.answer({"key": ["message-unsound"]})
    assert {house.job(one.id).state for one in (job, other)} == {JobState.QUEUED}


def test_a_driver_that_calls_itself_screen_keeps_no_agent_away(
    house: House, counter: Counter
) -> None:
    """The name is the screen's own: such a device is left out, every time, and the others are there."""
    agent = house.agent(counter)
    for _ in range(2):
        assert agent.hello({**SCANNER, "id": "fake:x", "driver": "screen"}, PRINTER)["ok"]
    with house.app.database.reading() as db:
        assert [one.id for one in service.present_devices(db, counter.id)] == ["fake:printer"]


def test_reports_move_a_job_once(house: House, counter: Counter, agent: AgentClient) -> None:
    """A report moves the job; the same report again is acknowledged and changes nothing."""
    job = _order(house, counter)
    assert agent.report(job.id, 1, "accepted") == {"ok": True}
    assert house.job(job.id).state is JobState.QUEUED
    agent.report(job.id, 2, "running")
    agent.report(job.id, 3, "needs_attention", reason="paper_empty")
    assert house.job(job.id).reason == "paper_empty"
    agent.report(job.id, 4, "running")
    agent.report(job.id, 5, "produced", facts={"pages": 1})
    version = house.job(job.id).version
    assert agent.report(job.id, 3, "needs_attention", reason="paper_jam") == {"ok": True}
    after = house.job(job.id)
    assert (after.state, after.version, after.reason) == (JobState.PRODUCED, version, None)
    assert after.facts == {"pages": 1}


def test_a_cancelled_job_is_withdrawn(house: House, counter: Counter, agent: AgentClient) -> None:
    """The agent is told of a cancellation, and its later report does not bring the job back."""
    job = _order(house, counter)
    with house.app.database.transaction() as db:
        row = jobs.job_at(db, job.id, counter_id=counter.id)
        jobs.cancel(db, row, actor=jobs.SYSTEM, now=house.clock())
    assert agent.received("job:cancel") == [{"id": job.id}]
    assert agent.report(job.id, 1, "produced") == {"ok": True}
    assert house.job(job.id).state is JobState.CANCELLED


def test_an_agent_reports_its_own_jobs_only(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """A report about another counter's job is refused and changes nothing."""
    job = _order(house, counter)
    other = house.agent(house.counter("counter-2"))
    other.hello()
    assert other.report(job.id, 1, "failed") == {"ok": False, "key": "not-found"}
    assert house.job(job.id).state is JobState.QUEUED


@pytest.mark.parametrize(
    "message",
    [None, [], "x", {}, {"job": 1}, {"job": "x", "sequence": "y", "state": "running"}],
)
def test_unsound_messages_change_nothing(agent: AgentClient, message: object) -> None:
    """A message that is not of its shape is refused with its key, and the link stays."""
    assert agent.say("job:state", message) == {"ok": False, "key": "message-unsound"}
    assert agent.is_connected


def test_previews_go_to_the_clerk_who_asked(
    house: House, counter: Counter, agent: AgentClient
) -> None:
    """Strips reach the clerk, progress the kiosk too; an oversized or foreign one reaches nobody."""
    clerk = house.person()
    desk, screen = house.page(house.desk(clerk)), house.page(house.kiosk(counter))
    wanted = jobs.JobRequest(
        counter_id=counter.id,
        visit_id="visit-1",
        requested_by=clerk.id,
        kind="scan",
        device_id="fake:scanner",
        idempotency_key="k",
        needs_consent=False,
    )
    with house.app.database.transaction() as db:
        job = jobs.request_job(db, wanted, now=house.clock())
    desk.get_received(), screen.get_received()
    strip = {
        "job": job.id,
        "page": 1,
        "top": 0,
        "width": 10,
        "height": 5,
        "total_height": None,
        "since_first_line_ms": 12.5,
        "jpeg": b"\xff\xd8",
    }
    assert agent.say("job:preview", strip) == {"ok": True}
    progress = {"job": job.id, "page": 1, "fraction": 0.5}
    agent.say("job:progress", progress)
    assert agent.say("job:preview", {**strip, "jpeg": bytes(300_000)})["key"] == "too-large"
    at_desk = [(one["name"], one["args"][0]) for one in desk.get_received()]
    assert at_desk == [("job:preview", strip), ("job:progress", progress)]
    assert [one["name"] for one in screen.get_received()] == ["job:progress"]
    stranger = house.agent(house.counter("counter-2"))
    stranger.say("job:preview", strip)
    stranger.say("job:progress", progress)
    assert desk.get_received() == screen.get_received() == []


def test_jobs_expire(house: House, counter: Counter, agent: AgentClient) -> None:
    """A job that nobody allows, and one whose agent stays away, end by themselves."""
    asked, ordered = _order(house, counter, consent=True), _order(house, counter, key="k2")
    agent.leave()
    with house.app.database.transaction() as db:
        assert jobs.expire_jobs(db, house.app.settings.jobs, now=house.clock.go(minutes=4)) == 0
    with house.app.database.transaction() as db:
        assert jobs.expire_jobs(db, house.app.settings.jobs, now=house.clock.go(minutes=2)) == 1
    assert house.job(asked.id).state is JobState.EXPIRED
    with house.app.database.transaction() as db:
        assert jobs.expire_jobs(db, house.app.settings.jobs, now=house.clock.go(minutes=5)) == 1
    assert house.job(ordered.id).state is JobState.EXPIRED
