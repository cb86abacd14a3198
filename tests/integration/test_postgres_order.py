"""Everybody locks rows in one order (ADR 19): whatever happens at once, nobody is thrown out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import TypedDict

import pytest
from sqlalchemy import event, select, text

from bridge.audit.rules import SYSTEM, Actor
from bridge.core.db import Base, Db, at_end
from bridge.core.errors import BridgeError
from bridge.counters import jobs
from bridge.counters import service as counters
from bridge.counters.models import Counter
from bridge.documents import arrivals, checks, making
from bridge.documents import service as documents
from bridge.documents.arrivals import Part
from bridge.documents.holding import held, held_page
from bridge.documents.models import DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.rules import PageState
from bridge.helpers import service as helpers
from bridge.helpers.rules import HelpReason
from bridge.offices.models import Person
from bridge.tickets import service as tickets
from bridge.visits import finding, paging, presence, service, steps
from bridge.visits.service import CallWish
from bridge.visits.tools import Tools
from tests.makers import House, make_house, settings_in
from tests.postgres import postgres
from tests.unit.bridge.archive import hash_of, picture
from tests.unit.bridge.visit_world import Citizen, Clerk, World

pytestmark = pytest.mark.postgres

ROUNDS = 40
_CORNER = Outline(left_mm=10, top_mm=10, width_mm=60, height_mm=40)
# What everybody locks, in this order; what is not named here is locked by one kind of transaction.
ORDER = (
    "visits",
    "tickets",
    "jobs",
    "documents",
    "pages",
    "visit_keys",
    "counters",
    "help_requests",
    "audit_head",
)
_CHANGES = re.compile(r"(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)")
_LOCKS = re.compile(r"FROM (\w+).* FOR (?:NO KEY )?UPDATE", re.DOTALL)

_numbers = count(1)
Deed = Callable[[Db], object]


class _Undone(Exception):
    """Thrown after everything a transaction does, so that the next round finds it all as it was."""


class Locks:
    """Notes in which order the transactions of a database lock rows."""

    def __init__(self, house: House) -> None:
        self.wrong: list[tuple[str, ...]] = []
        engine = house.app.database.engine
        event.listen(engine, "begin", lambda connection: connection.info.update(held=()))
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found = _CHANGES.match(statement) or _LOCKS.search(statement)
        table = found.group(1) if found else ""
        info: dict[str, tuple[str, ...]] = connection.info  # type: ignore[attr-defined]  # of SQLAlchemy
        held = info.get("held", ())
        if table not in ORDER or table in held:
            return
        # A new row is nobody else's yet.
        if not statement.startswith("INSERT") and any(
            ORDER.index(one) > ORDER.index(table) for one in held
        ):
            self.wrong.append((*held, table))
        info["held"] = (*held, table)


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
def locks(house: House) -> Locks:
    """Give what notes the locks from now on."""
    return Locks(house)


@pytest.fixture(scope="module")
def world(house: House) -> World:
    """Give the day at the counter."""
    return World(house)


@pytest.fixture
def clerk(world: World) -> Clerk:
    """Give a clerk without a visit."""
    return world.clerk(f"clerk{next(_numbers)}")


def _all_at_once(house: House, *deeds: Deed) -> None:
    """Do everything over and over at the same time, each time for nothing."""

    def undo(_db: Db) -> None:
        raise _Undone

    done = set()

    def do(deed: Deed) -> None:
        # What one of them refuses in the state that another one makes is none of ours.
        with suppress(_Undone, BridgeError), house.app.database.transaction() as db:
            deed(db)
            at_end(db, undo)
            done.add(deed)

    rounds = [deed for _ in range(ROUNDS) for deed in deeds]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(do, rounds))
    assert done == set(deeds)
    with house.app.database.engine.connect() as connection:
        query = text("SELECT sum(deadlocks) FROM pg_stat_database")
        assert connection.execute(query).scalar() == 0


def test_what_is_ordered_is_there() -> None:
    """A table that was renamed is not left out of the order in silence."""
    assert set(ORDER) <= set(Base.metadata.tables)


class Deeds:
    """What anybody may do about one visit and its counter."""

    def __init__(self, house: House, citizen: Citizen, clerk: Clerk) -> None:
        self._now = house.clock()
        self._tools: Tools = house.app.flask.extensions["oac_visits"]
        self._settings = house.app.settings
        self.counter, self.clerk = citizen.counter.id, clerk.person.id
        state = clerk.state()
        self.visit = state["visit"]["id"] if state["visit"] else ""

    def of_counter(self) -> list[Deed]:
        """Return what happens at a counter, whatever it is doing."""
        now, counter = self._now, self.counter
        return [
            lambda db: paging.follow(db, counter, now=now),
            lambda db: counters.kiosk_came(db, counter, now=now),
            lambda db: counters.agent_came(db, counter, version="1", now=now),
            lambda db: counters.note_seen(db, kiosks=[counter], agents=[counter], now=now),
            lambda db: jobs.expire_jobs(db, self._settings.jobs, now=now),
            self.asks_help,
            self.solves,
        ]

    def asks_help(self, db: Db) -> object:
        """Have the citizen ask for somebody."""
        counter, actor = db.get_one(Counter, self.counter), Actor("citizen", self.counter)
        return service.ask_help(db, counter, HelpReason.CITIZEN_ASKS, actor=actor, now=self._now)

    def solves(self, db: Db) -> object:
        """Have the helper solve what was asked for, if it was."""
        request = helpers.open_at(db, self.counter)
        person = db.get_one(Person, self.clerk)
        if request is None:
            return None
        found = helpers.find(db, request.id, office_id=person.office_id)
        return helpers.answer(db, found, "solve", person, now=self._now)

    def in_visit(self, do: Callable[..., object], *more: object) -> Deed:
        """Return something that the clerk does in the visit."""
        return lambda db: do(db, finding.own(db, self.clerk, self.visit), *more, now=self._now)

    def at_counter(self, do: Callable[..., object]) -> Deed:
        """Return something that the citizen does at the counter."""
        return lambda db: do(db, self.counter, now=self._now)

    def calls(self, db: Db) -> object:
        """Have the clerk call whoever is next."""
        return service.call_next(db, self._tools, self.clerk, CallWish(), now=self._now)

    def leaves(self, db: Db) -> object:
        """Have the citizen leave the queue."""
        ticket = tickets.open_at(db, self.counter)
        actor = Actor("citizen", self.counter)
        return ticket and tickets.leave(db, ticket, actor=actor, now=self._now)

    def wipes(self, *, left: int) -> Deed:
        """Return the screen's report of what it could not forget."""
        return lambda db: service.wiped(db, self.counter, {"storage": left}, now=self._now)

    def does_a_step(self, db: Db) -> object:
        """Have the clerk open a step again."""
        visit = finding.own(db, self.clerk, self.visit)
        return steps.withdraw_consent(db, visit)


def test_while_somebody_is_called(house: House, world: World, clerk: Clerk, locks: Locks) -> None:
    """Calling, leaving the queue, help and the counter's own news wait for each other in one order."""
    citizen = world.citizen("counter-called")
    assert citizen.takes_ticket().status == 201
    deeds = Deeds(house, citizen, clerk)
    _all_at_once(house, deeds.calls, deeds.leaves, *deeds.of_counter())
    assert clerk.calls().status == 201
    house.clock.go(minutes=1)
    deeds = Deeds(house, citizen, clerk)
    miss = deeds.in_visit(lambda db, visit, now: service.miss(db, visit, actor=SYSTEM, now=now))
    come = deeds.at_counter(service.arrive)
    _all_at_once(house, come, miss, deeds.in_visit(service.recall), *deeds.of_counter())
    assert locks.wrong == []


def test_while_somebody_is_served(house: House, world: World, clerk: Clerk, locks: Locks) -> None:
    """So do a lost link, the end of a visit, its devices, *stop everything* and those who help."""
    citizen = world.citizen("counter-served")
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    assert clerk.wants("scan").status == 201
    job = clerk.visit()["jobs"][0]["id"]
    assert citizen.does("help").status == 201
    deeds = Deeds(house, citizen, clerk)

    def allow(db: Db, counter: str, *, now: object) -> None:
        visit = finding.open_at(db, counter)
        assert visit is not None
        jobs.consent(db, jobs.job_at(db, job, counter_id=counter), allow=True, now=now)  # type: ignore[arg-type]  # a moment

    _all_at_once(
        house,
        deeds.in_visit(presence.lose),
        deeds.in_visit(lambda db, visit, now: presence.leave(db, visit, "clerk")),
        deeds.in_visit(lambda db, visit, now: presence.join(db, visit, "clerk", now=now)),
        deeds.in_visit(lambda db, visit, now: service.end(db, visit, {}, now=now)),
        deeds.in_visit(service.park),
        deeds.at_counter(service.stop_everything),
        deeds.at_counter(allow),
        deeds.does_a_step,
        *deeds.of_counter(),
    )
    assert locks.wrong == []


def test_after_somebody_was_served(house: House, world: World, clerk: Clerk, locks: Locks) -> None:
    """So do the wiped screen, the paperwork, and the next call of somebody else."""
    citizen = world.citizen("counter-wiped")
    world.serve(citizen, clerk)
    assert citizen.does("help").status == 201
    deeds = Deeds(house, citizen, clerk)
    assert clerk.does("ending").status == 200
    close = deeds.in_visit(
        lambda db, visit, now: service.close(db, visit, {}, actor=SYSTEM, now=now)
    )
    _all_at_once(house, deeds.wipes(left=0), deeds.wipes(left=1), close, *deeds.of_counter())
    assert locks.wrong == []


class Who(TypedDict):
    """Who does something, and when."""

    actor: Actor
    now: datetime


class Papers:
    """A scan of four pages, the last of them cropped, and what is done to them."""

    def __init__(self, house: House, citizen: Citizen, clerk: Clerk) -> None:
        self._house, self._now, self._store = house, house.clock(), house.app.store
        self._counter, self._actor = citizen.counter.id, Actor("person", clerk.person.id)
        self._content = picture()
        assert clerk.wants("scan").status == 201
        self._job: str = clerk.visit()["jobs"][0]["id"]
        assert citizen.does(f"jobs/{self._job}/consent", allow=True).status == 200
        self.visit: str = clerk.visit()["id"]
        self._do(lambda db: [self.receive(db, number) for number in (1, 2, 3, 4)])
        self.first, self.second, self.third, last = self._pages()
        made = self._trimmed(last)
        self._do(lambda db: making.keep(db, self._store, made, actor=self._actor, now=self._now))
        self.cropped = self._pages()[-1]
        self._made = self._trimmed(self.second)

    def all_of_them(self) -> list[Deed]:
        """Return everything that happens to papers, as it does at any moment of a visit."""
        store, by = self._store, Who(actor=self._actor, now=self._now)

        def turn_and_move(db: Db) -> None:
            page = held_page(db, self.third)
            documents.rotate(db, page, rotation=90, **by)
            documents.place(db, page, at=1, **by)

        def remove(db: Db) -> None:
            page = held_page(db, self.cropped)
            documents.remove(db, store, page, **by)
            making.forget_originals(db, store, page, **by)

        def look(db: Db) -> None:
            page = held_page(db, self.first)
            page.state = PageState.QUARANTINE
            checks.settle(db, page, (), now=self._now)

        def end_the_step(db: Db) -> None:
            visit = finding.own(db, self._actor.id, self.visit)
            document = held(db, db.get_one(DocumentPage, self.first).document_id)
            making.forget_replaced(db, store, document, **by)
            finding.tell(db, visit, "step-changed")

        return [
            turn_and_move,
            remove,
            look,
            end_the_step,
            lambda db: self.receive(db, 5),
            lambda db: documents.place(db, held_page(db, self.first), at=3, **by),
            lambda db: making.keep(db, store, self._made, **by),
            lambda db: making.restore(db, store, held_page(db, self.cropped), **by),
            lambda db: documents.erase_visit(db, store, self.visit, now=self._now),
        ]

    def receive(self, db: Db, number: int) -> object:
        """Take a page from the agent."""
        whole = Part(
            content=self._content, first=0, total=len(self._content), sha256=hash_of(self._content)
        )
        job = arrivals.wanted_job(db, job_id=self._job, counter_id=self._counter)
        return arrivals.receive(db, self._store, job, number, part=whole, now=self._now)

    def _do(self, deed: Deed) -> None:
        with self._house.app.database.transaction() as db:
            deed(db)

    def _pages(self) -> list[str]:
        """Return the pages that are shown in their order, each of them looked at."""
        with self._house.app.database.reading() as db:
            query = select(DocumentPage).where(DocumentPage.job_id == self._job)
            rows = [page for page in db.scalars(query) if page.state is not PageState.REPLACED]
        for page in rows:
            self._house.app.checks.check(page.id)
        return [page.id for page in sorted(rows, key=lambda page: page.position)]

    def _trimmed(self, page_id: str) -> making.Made:
        with self._house.app.database.reading() as db:
            return making.trim(db, self._store, db.get_one(DocumentPage, page_id), _CORNER)


def test_while_papers_are_changed(house: House, world: World, clerk: Clerk, locks: Locks) -> None:
    """So do pages that arrive, are looked at, moved, cropped, restored, removed and erased."""
    citizen = world.citizen("counter-papers")
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    _all_at_once(house, *Papers(house, citizen, clerk).all_of_them())
    assert locks.wrong == []
