"""The same code on a real PostgreSQL: schema, audit chain, moves that only one may win."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.audit.rules import SYSTEM, Tag
from bridge.audit.service import append, verify
from bridge.cli_data import upgrade
from bridge.core.config import Settings
from bridge.core.db import Base, Database
from bridge.core.events import Events
from bridge.core.schema import REVISION
from bridge.counters import jobs, service
from bridge.counters.models import Counter
from bridge.counters.rules import JobState
from bridge.offices import service as offices
from tests.makers import NOW, PASSWORD, SCANNER, House, make_house, settings_in
from tests.postgres import postgres
from tests.unit.bridge.test_core_storage import checks_of, differences

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the URL of a running PostgreSQL."""
    with postgres() as url:
        yield url


@pytest.fixture
def settings(server: str, tmp_path: Path) -> Settings:
    """Give settings for an empty database."""
    chosen = settings_in(tmp_path, database_url=server)
    engine = Database(server, Events()).engine
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return chosen


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """Give a whole bridge on PostgreSQL."""
    made = make_house(settings)
    yield made
    made.app.stop()
    made.app.database.engine.dispose()


def _at_once(count: int, act: object) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_migrations_make_what_the_models_say(settings: Settings) -> None:
    """A migrated PostgreSQL has the tables, columns and checks of the models."""
    assert upgrade(settings) == (None, REVISION)
    engine = Database(settings.database, Events()).engine
    assert differences(engine) == []
    migrated = checks_of(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("DROP FUNCTION IF EXISTS audit_refuse()"))
    Base.metadata.create_all(engine)
    assert checks_of(engine) == migrated
    engine.dispose()


def test_writers_at_once_make_one_chain(house: House) -> None:
    """Concurrent transactions wait for each other at the head of the audit."""

    def write() -> None:
        for _ in range(5):
            with house.app.database.transaction() as db:
                append(db, tag=Tag.STEP_CHANGED, actor=SYSTEM, facts={"x": 0.1}, now=NOW)

    _at_once(4, write)
    with house.app.database.reading() as db:
        assert verify(db) is None


def test_one_of_many_moves_a_counter(house: House) -> None:
    """Of several that reserve one counter at once, one does and the others are told the state."""
    counter = house.counter()
    house.kiosk(counter)
    won: list[str] = []

    def reserve() -> None:
        try:
            with house.app.database.transaction() as db:
                row = db.get_one(Counter, counter.id)
                service.move_counter(db, row, "reserve", now=NOW)
            won.append("won")
        except service.CounterNotReady as error:
            won.append(str(error.facts["state"]))

    _at_once(4, reserve)
    assert sorted(won) == ["reserved", "reserved", "reserved", "won"]


def test_a_job_from_request_to_produced(house: House) -> None:
    """Devices, orders and reports work alike."""
    counter = house.counter()
    agent = house.agent(counter)
    agent.hello({**SCANNER, "attention": "paper_jam"})
    wanted = jobs.JobRequest(
        counter_id=counter.id,
        visit_id=None,
        requested_by=house.person().id,
        kind="scan",
        device_id="fake:scanner",
        idempotency_key="k",
        needs_consent=False,
    )
    with house.app.database.transaction() as db:
        job = jobs.request_job(db, wanted, now=NOW)
    assert [order["id"] for order in agent.received("job")] == [job.id]
    agent.report(job.id, 1, "produced")
    assert house.job(job.id).state is JobState.PRODUCED
    with house.app.database.reading() as db:
        assert verify(db) is None
        assert service.present_devices(db, counter.id)[0].attention == "paper_jam"


def test_signing_in(house: House) -> None:
    """Sign-in, take-over and the person behind a cookie work alike."""
    person = house.person()
    with house.app.database.reading() as db:
        assert offices.check_password(db, "empar", PASSWORD).id == person.id
    house.desk(person)
    assert house.desk(person).get("/").status_code == 303
