"""Counters: pairing, lifecycle, who is connected, and what jobs may be asked for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from bridge.audit.rules import SYSTEM
from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.counters import jobs, pairing, service
from bridge.counters.models import Counter
from bridge.counters.options import DeviceIncapable
from bridge.counters.rules import COUNTER, JOB, CounterState, JobState
from tests.makers import PRINTER, SCANNER, House


def _pair(house: House, kind: str, counter: str | None) -> tuple[str, str]:
    answer = house.browser().post("/api/pairings", json={"kind": kind, "counter": counter})
    assert answer.status_code == 201
    return answer.get_json()["code"], answer.get_json()["claim"]


def _approve(house: House, code: str, counter: str | None = None) -> None:
    with house.app.database.transaction() as db:
        pairing.approve(db, code, counter_key=counter, now=house.clock())


def test_pairing_an_agent(house: House) -> None:
    """A claim waits for the approval, gives the token once, and then is worth nothing."""
    house.counter()
    code, claim = _pair(house, "agent", "counter-1")
    browser = house.browser()
    assert browser.post("/api/pairings/claim", json={"claim": claim}).status_code == 202
    _approve(house, code.lower().replace("-", " "))
    answer = browser.post("/api/pairings/claim", json={"claim": claim})
    assert answer.get_json()["counter"] == "counter-1"
    assert len(answer.get_json()["token"]) == 43
    again = browser.post("/api/pairings/claim", json={"claim": claim})
    assert (again.status_code, again.get_json()["key"]) == (410, "pairing-expired")


def test_pairing_a_kiosk(house: House) -> None:
    """A kiosk's token comes as a cookie that scripts cannot read, and not in the body."""
    house.counter()
    code, claim = _pair(house, "kiosk", None)
    with pytest.raises(pairing.CounterNeeded):
        _approve(house, code)
    with pytest.raises(NotFound):
        _approve(house, code, "counter-9")
    _approve(house, code, "counter-1")
    answer = house.browser().post("/api/pairings/claim", json={"claim": claim})
    assert answer.get_json() == {"counter": "counter-1"}
    assert "oac_kiosk=" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]


def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    """Afterwards it can be neither approved nor claimed."""
    house.counter()
    code, claim = _pair(house, "agent", "counter-1")
    house.clock.go(minutes=10)
    with pytest.raises(pairing.CodeUnknown):
        _approve(house, code)
    assert house.browser().post("/api/pairings/claim", json={"claim": claim}).status_code == 410


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "fridge"}, 400),
        ({"kind": "agent", "counter": "counter-9"}, 404),
        ({"kind": "agent", "counter": 3}, 400),
    ],
)
def test_unsound_pairings_are_refused(house: House, body: dict[str, Any], status: int) -> None:
    """An unknown kind or counter begins nothing."""
    assert house.browser().post("/api/pairings", json=body).status_code == status


def test_a_new_token_ends_the_old_one(house: House) -> None:
    """One kiosk a counter: the earlier one's cookie and page are worth nothing any more."""
    counter = house.counter()
    first = house.kiosk(counter)
    page = house.page(first)
    assert page.is_connected()
    house.kiosk(counter)
    assert not page.is_connected()
    assert not house.page(first).is_connected()


def test_a_stranger_has_no_socket(house: House) -> None:
    """A page without a good cookie is not connected."""
    assert not house.page(house.browser()).is_connected()


def test_a_browser_may_be_desk_and_kiosk(house: House) -> None:
    """With both cookies the page says which it is."""
    counter, person = house.counter(), house.person()
    browser = house.desk(person)
    cookie = house.kiosk(counter).get_cookie("oac_kiosk")
    assert cookie is not None
    browser.set_cookie("oac_kiosk", cookie.value)
    desk, kiosk = house.page(browser), house.page(browser, {"page": "kiosk"})
    assert [one.id for one in house.app.pages.present("staff")] == [person.id]
    assert [one.id for one in house.app.pages.present("kiosk")] == [counter.id]
    desk.disconnect(), kiosk.disconnect()
    assert house.app.pages.present("staff") == house.app.pages.present("kiosk") == []


def test_a_counter_wakes_up_with_its_kiosk(house: House) -> None:
    """An offline counter is idle once its screen is connected, and offline when it stays away."""
    counter = house.counter()
    page = house.page(house.kiosk(counter))
    house.app.sweeper.sweep()
    assert _state(house, counter) is CounterState.IDLE
    for _ in range(4):
        house.clock.go(seconds=15)
        house.app.sweeper.sweep()
    assert _state(house, counter) is CounterState.IDLE
    page.disconnect()
    house.clock.go(seconds=30)
    house.app.sweeper.sweep()
    assert _state(house, counter) is CounterState.IDLE
    house.clock.go(seconds=20)
    house.app.sweeper.sweep()
    assert _state(house, counter) is CounterState.OFFLINE


def test_an_agent_that_vanished_is_told(house: House) -> None:
    """An agent whose process and whose bridge died without a goodbye counts as away."""
    counter = house.counter()
    with house.app.database.transaction() as db:
        service.agent_came(db, counter.id, version="1", now=house.clock())
    house.told.clear()
    house.clock.go(seconds=60)
    house.app.sweeper.sweep()
    assert "counter:moved" in house.names()
    with house.app.database.reading() as db:
        found = service.counter_by_key(db, counter.key)
    assert found.agent_seen_at is None


def _state(house: House, counter: Counter) -> CounterState:
    with house.app.database.reading() as db:
        return service.counter_by_key(db, counter.key).state


def test_the_whole_lifecycle_of_a_counter(house: House) -> None:
    """Every move that is not in the table is refused with the present state."""
    counter, now = house.counter(), house.clock()
    events = {event for _, event in COUNTER.moves}
    with house.app.database.transaction() as db:
        row = db.get_one(Counter, counter.id)
        for state, event in product(CounterState, sorted(events)):
            row.state = state
            db.flush()
            expected = COUNTER.after(state, event)
            if expected is None:
                with pytest.raises(service.CounterNotReady) as caught:
                    service.move_counter(db, row, event, now=now)
                assert caught.value.facts["state"] is state
            else:
                assert service.move_counter(db, row, event, now=now).state is expected


def test_a_stale_picture_moves_nothing(house: House) -> None:
    """Who decides by a picture of the counter that is not true any more is refused."""
    counter = house.counter()
    house.kiosk(counter)
    with house.app.database.reading() as db:
        stale = service.counter_by_key(db, counter.key)
    with house.app.database.transaction() as db:
        row = db.get_one(Counter, counter.id)
        service.move_counter(db, row, "reserve", now=house.clock())
        service.move_counter(db, row, "release", now=house.clock())
    with house.app.database.transaction() as db, pytest.raises(service.CounterNotReady):
        service.move_counter(db, db.merge(stale, load=False), "reserve", now=house.clock())


@pytest.mark.parametrize("key", ["", "Counter", "a b", "x" * 41, "counter-1", "a/b"])
def test_a_counters_key_is_part_of_an_address(house: House, key: str) -> None:
    """Anything but small letters, digits and hyphens, or a key in use, is refused."""
    house.counter("counter-1")
    with pytest.raises((service.CounterKeyUnsound, service.CounterKeyTaken)):
        house.counter(key)


def _request(house: House, counter: Counter, **more: Any) -> jobs.DeviceJob:
    plain: dict[str, Any] = {
        "counter_id": counter.id,
        "visit_id": "visit-1",
        "requested_by": None,
        "kind": "scan",
        "device_id": "fake:scanner",
        "idempotency_key": "k",
    }
    with house.app.database.transaction() as db:
        return jobs.request_job(db, jobs.JobRequest(**{**plain, **more}), now=house.clock())


@pytest.fixture
def counter(house: House) -> Counter:
    """Give a counter with a scanner and a printer."""
    counter = house.counter()
    house.agent(counter).hello(SCANNER, PRINTER)
    return counter


def test_no_resolution_is_offered_whose_page_could_not_be_kept(
    house: House, counter: Counter
) -> None:
    """A page of 1200 dpi would be too large for the registry, so nobody is led to scan one."""
    house.agent(counter).hello({**SCANNER, "resolutions_dpi": [300, 600, 1200]})
    with house.app.database.reading() as db:
        [scanner] = service.present_devices(db, counter.id)
    assert scanner.description["resolutions_dpi"] == [300, 600]


def test_the_same_request_is_the_same_job(house: House, counter: Counter) -> None:
    """A second press with the same key answers with the first one's job."""
    first, second = _request(house, counter), _request(house, counter)
    assert first.id == second.id
    assert _request(house, counter, idempotency_key="k2").id != first.id


@pytest.mark.parametrize(
    ("kind", "device", "options", "option"),
    [
        ("print", "fake:scanner", {}, "capability"),
        ("scan", "fake:scanner", {"resolution_dpi": 1200}, "resolution_dpi"),
        ("scan", "fake:scanner", {"resolution_dpi": "many"}, "resolution_dpi"),
        ("scan", "fake:scanner", {"source": "feeder_duplex"}, "source"),
        ("scan", "fake:scanner", {"source": "roof"}, "source"),
        ("scan", "fake:scanner", {"width_mm": 0}, "width_mm"),
        ("scan", "fake:scanner", {"height_mm": 1e9}, "height_mm"),
        ("scan", "fake:scanner", {"height_mm": float("nan")}, "height_mm"),
        ("scan", "fake:scanner", {"copies": 2}, "copies"),
        ("print", "fake:printer", {"copies": 0, "colour": "grey"}, "copies"),
        ("print", "fake:printer", {"copies": 21, "colour": "grey"}, "copies"),
        ("print", "fake:printer", {"colour": "colour"}, "colour"),
        ("print", "fake:printer", {"colour": "grey", "sides": "two-sided-short-edge"}, "sides"),
    ],
)
def test_a_device_is_asked_for_what_it_can(
    house: House, counter: Counter, kind: str, device: str, options: dict[str, Any], option: str
) -> None:
    """A wish that the device cannot fulfil is refused, and names the wish."""
    with pytest.raises(DeviceIncapable) as caught:
        _request(house, counter, kind=kind, device_id=device, options=options)
    assert caught.value.facts == {"option": option}


def test_a_device_that_is_away_is_not_asked(house: House, counter: Counter) -> None:
    """A device that does not exist, or went away, is refused."""
    with pytest.raises(jobs.DeviceAway):
        _request(house, counter, device_id="fake:other")
    house.agent(counter).hello(PRINTER)
    with pytest.raises(jobs.DeviceAway):
        _request(house, counter)


def test_what_people_may_do_to_a_job(house: House, counter: Counter) -> None:
    """Consent, cancellation and confirmation move a job as its table says, or are refused."""
    now = house.clock()
    acts: dict[str, Callable[[Db, jobs.DeviceJob], object]] = {
        "allow": lambda db, job: jobs.consent(db, job, allow=True, now=now),
        "refuse": lambda db, job: jobs.consent(db, job, allow=False, now=now),
        "cancel": lambda db, job: jobs.cancel(db, job, actor=SYSTEM, now=now),
        "confirm": lambda db, job: jobs.confirm(db, job, came_out=True, actor=SYSTEM, now=now),
        "deny": lambda db, job: jobs.confirm(db, job, came_out=False, actor=SYSTEM, now=now),
    }
    job = _request(house, counter)
    with house.app.database.transaction() as db:
        row = jobs.job_at(db, job.id, counter_id=counter.id)
        for state, event in product(JobState, acts):
            row.state = state
            db.flush()
            expected = JOB.after(state, event)
            if expected is None:
                with pytest.raises(jobs.JobElsewhere) as caught:
                    acts[event](db, row)
                assert caught.value.facts["state"] is state
            else:
                acts[event](db, row)
                assert row.state is expected


def test_a_job_is_known_at_its_counter_only(house: House, counter: Counter) -> None:
    """Another counter's kiosk or agent finds nothing."""
    job, other = _request(house, counter), house.counter("counter-2")
    with house.app.database.reading() as db, pytest.raises(NotFound):
        jobs.job_at(db, job.id, counter_id=other.id)


def test_stopping_cancels_everything(house: House, counter: Counter) -> None:
    """All open jobs of a visit end together."""
    for number in range(3):
        _request(house, counter, idempotency_key=f"k{number}", needs_consent=number == 0)
    with house.app.database.transaction() as db:
        ended = jobs.cancel_open_jobs(db, visit_id="visit-1", actor=SYSTEM, now=house.clock())
        assert ended == 3
        assert jobs.open_jobs(db, visit_id="visit-1") == []
