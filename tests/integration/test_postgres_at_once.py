"""What two do at once on a PostgreSQL, where the second one has to see what the first one did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from bridge.audit.rules import SYSTEM
from bridge.core.db import Db
from bridge.core.errors import NotNow
from bridge.counters import jobs
from bridge.counters.models import Counter, DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, making
from bridge.documents.models import DocumentPage
from bridge.documents.outlines import Outline
from tests.makers import SCANNER, House, make_house, settings_in
from tests.postgres import postgres
from tests.unit.bridge.archive import hash_of, picture
from tests.unit.bridge.visit_world import Citizen, Clerk, World

pytestmark = pytest.mark.postgres

MOST_LOOKS = 6000
_CORNER = Outline(left_mm=10, top_mm=10, width_mm=60, height_mm=40)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a whole bridge on an empty PostgreSQL."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres() as url:
        made = make_house(settings_in(folder / "data", database_url=url))
        yield made
        made.app.stop()
        made.app.database.engine.dispose()


@pytest.fixture(scope="module")
def counter(house: House) -> Counter:
    """Give a counter with a scanner."""
    found = house.counter()
    house.agent(found).hello(SCANNER)
    return found


def _asked(house: House, counter: Counter, key: str, *, needs_consent: bool = True) -> DeviceJob:
    wanted = jobs.JobRequest(
        counter_id=counter.id,
        visit_id=key,
        requested_by=None,
        kind="scan",
        device_id="fake:scanner",
        idempotency_key=key,
        needs_consent=needs_consent,
    )
    with house.app.database.transaction() as db:
        return jobs.request_job(db, wanted, now=house.clock())


def _second(house: House, first: Callable[[Db], object], second: Callable[[Db], object]) -> None:
    """Do ``second`` while ``first`` is done and not committed; then commit both."""

    def do() -> None:
        with house.app.database.transaction() as db:
            second(db)

    with ThreadPoolExecutor(1) as pool:
        with house.app.database.transaction() as db:
            first(db)
            later: Future[None] = pool.submit(do)
            _until_somebody_waits(house)
        later.result()


def _until_somebody_waits(house: House) -> None:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    pause = threading.Event()
    for _ in range(MOST_LOOKS):
        with house.app.database.engine.connect() as connection:
            if connection.execute(query).scalar():
                return
        pause.wait(0.01)
    raise AssertionError("nobody waits")


def test_what_was_allowed_does_not_expire(house: House, counter: Counter) -> None:
    """A job that the citizen allows in the very moment of its expiry is done."""
    job = _asked(house, counter, "allowed")
    chosen = house.app.settings.jobs
    late = house.clock.go(minutes=chosen.consent_minutes + 1)

    def allow(db: Db) -> None:
        found = jobs.job_at(db, job.id, counter_id=counter.id)
        jobs.consent(db, found, allow=True, now=late)

    _second(house, allow, lambda db: jobs.expire_jobs(db, chosen, now=late))
    assert house.job(job.id).state is JobState.QUEUED


def test_what_came_out_is_not_cancelled(house: House, counter: Counter) -> None:
    """A job that its agent reports as produced while the visit ends stays produced."""
    job = _asked(house, counter, "produced", needs_consent=False)

    def produce(db: Db) -> None:
        found = jobs.job_at(db, job.id, counter_id=counter.id)
        found.state = JobState.PRODUCED
        db.flush()

    def end(db: Db) -> None:
        assert len(jobs.open_jobs(db, visit_id="produced")) == 1
        jobs.cancel_open_jobs(db, visit_id="produced", actor=SYSTEM, now=house.clock())

    _second(house, produce, end)
    assert house.job(job.id).state is JobState.PRODUCED


def test_pages_that_arrive_at_once_are_all_counted(house: House) -> None:
    """Two pages of one job that come over two lines have two places."""
    world = World(house)
    citizen, clerk = world.citizen("counter-2"), world.clerk()
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    job_id = _scans(citizen, clerk)

    with house.app.database.transaction() as db:
        _arrival(house, citizen, job_id, 1)(db)
    second, third = (_arrival(house, citizen, job_id, number) for number in (2, 3))
    _second(house, second, third)
    assert house.job(job_id).pages == 3


def test_the_first_files_of_a_visit_that_come_at_once_are_all_kept(house: House) -> None:
    """A form that is drawn while the first page arrives: there is one key, and both are read with it."""
    store, visit = house.app.store, "first-files"

    def keep(name: str) -> Callable[[Db], object]:
        return lambda db: store.write(
            db, visit_id=visit, name=name, content=name.encode(), now=house.clock()
        )

    _second(house, keep("form"), keep("page"))
    with house.app.database.reading() as db:
        read = [store.read(db, visit_id=visit, name=name) for name in ("form", "page")]
    assert read == [b"form", b"page"]


def test_a_page_is_cropped_once(house: House) -> None:
    """Two crops of one page at once: the second is told that the page is not there any more."""
    world = World(house)
    citizen, clerk = world.citizen("counter-3"), world.clerk("second")
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    job_id = _scans(citizen, clerk)
    with house.app.database.transaction() as db:
        _arrival(house, citizen, job_id, 1)(db)
    with house.app.database.reading() as db:
        page_id = db.scalars(select(DocumentPage.id).where(DocumentPage.job_id == job_id)).one()
    house.app.checks.check(page_id)
    with house.app.database.reading() as db:
        page = db.get_one(DocumentPage, page_id)
        made = making.trim(db, house.app.store, page, _CORNER)

    def crop(db: Db) -> None:
        making.keep(db, house.app.store, made, actor=SYSTEM, now=house.clock())

    with pytest.raises(NotNow):
        _second(house, crop, crop)


def _arrival(house: House, citizen: Citizen, job_id: str, number: int) -> Callable[[Db], object]:
    content = picture()
    part = arrivals.Part(content=content, first=0, total=len(content), sha256=hash_of(content))

    def do(db: Db) -> None:
        job = arrivals.wanted_job(db, job_id=job_id, counter_id=citizen.counter.id)
        arrivals.receive(db, house.app.store, job, number, part=part, now=house.clock())

    return do


def _scans(citizen: Citizen, clerk: Clerk) -> str:
    assert clerk.wants("scan").status == 201
    job_id: str = clerk.visit()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{job_id}/consent", allow=True).status == 200
    return job_id
