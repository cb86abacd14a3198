"""What is done many times a day does not read the history."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from typing import Any

from sqlalchemy import event

from bridge.core.db import Base
from tests.makers import OURS, House
from tests.unit.bridge.visit_world import World, ask

# Every table that grows for ever. A scan of a partial index reads open rows only; the latest
# visit of a counter that is being cleaned is among the last of the primary key.
_GROWS = (
    "tickets|visits|help_requests|periods|jobs|steps|services|documents|pages|visit_keys"
    "|audit_entries"
)
_PARTIAL = "|".join(
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if "where" in index.info
)
_SCAN = re.compile(
    rf"SCAN ({_GROWS})\b"
    rf"(?! USING (COVERING )?INDEX (({_PARTIAL})\b|sqlite_autoindex_visits_1))"
)


@contextmanager
def _plans(house: House) -> Iterator[list[str]]:
    asked: list[tuple[str, Any]] = []
    plans: list[str] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            asked.append((statement, values))

    engine = house.app.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield plans
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        for statement, values in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [f"{row[3]} <- {statement}" for row in rows]


def _scans(house: House, act: Callable[[], object]) -> list[str]:
    with _plans(house) as plans:
        act()
    assert plans
    return [plan for plan in plans if _SCAN.match(plan)]


def test_the_queue_reads_open_rows_only(world: World) -> None:
    """Every query of a ticket, a call, a whole state and the watch has an index that fits it."""
    citizen, clerk = world.citizen(), world.clerk()
    house = world.house

    def watch() -> None:
        for chore in ("watching meetings", "escalating help requests", "ending calls"):
            for known in house.app.sweeper._chores:  # noqa: SLF001  # the slow chores are left out
                if known.name.startswith(chore):
                    known.do(house.clock())

    for act in (
        citizen.takes_ticket,
        clerk.calls,
        citizen.state,
        clerk.state,
        lambda: citizen.does("arrival"),
        lambda: world.meet(citizen, clerk),
        lambda: citizen.does("help"),
        watch,
        lambda: clerk.does("ending"),
        citizen.state,
        lambda: citizen.does("wiped", storage=0, caches=0, elements=0),
        lambda: clerk.does("closing"),
    ):
        assert _scans(house, act) == []


def test_no_chore_reads_the_history(world: World) -> None:
    """What is done every so often finds what is open, unseen or due by an index."""
    world.serve(world.citizen(), world.clerk())
    assert _scans(world.house, world.house.app.sweeper.sweep) == []


def test_who_only_looks_holds_nothing(world: World) -> None:
    """Asking for a state or for the way into a meeting locks no row, so that nobody waits for it."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    asked, locked = [], []

    def note(_connection: object, statement: Any, *_more: object) -> None:
        asked.append(statement)
        if getattr(statement, "_for_update_arg", None) is not None:
            locked.append(str(statement))

    engine = world.house.app.database.engine
    event.listen(engine, "before_execute", note)
    visit = clerk.visit()["id"]
    for browser, path in (
        (citizen.browser, "/api/kiosk"),
        (citizen.browser, "/api/kiosk/meeting"),
        (clerk.browser, "/api/desk"),
        (clerk.browser, f"/api/visits/{visit}/meeting"),
    ):
        assert ask(browser, "GET", path).status == 200
    event.remove(engine, "before_execute", note)
    assert asked
    assert locked == []


class _SlowSender(BytesIO):
    """A body that notes, whenever it is waited for, whether others can write meanwhile."""

    def __init__(self, house: House, seen: list[bool]) -> None:
        super().__init__(b"[]")
        self._file = house.app.settings.data_dir / "bridge.sqlite"
        self._seen = seen

    def readinto(self, block: Any) -> int:
        """Give what there is."""
        with closing(sqlite3.connect(self._file, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                self._seen.append(True)
            except sqlite3.OperationalError:
                self._seen.append(False)
        return super().readinto(block)


def test_nobody_waits_for_a_slow_sender(world: World) -> None:
    """Whatever a citizen or a clerk sends, its body is read before anything is locked."""
    citizen, clerk = world.citizen(), world.clerk()
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    job = clerk.does(
        "jobs", kind="print", device="fake:printer", form="census-application", idempotency_key="k"
    )
    known = {"visit_id": clerk.visit()["id"], "job_id": clerk.visit()["jobs"][0]["id"]}
    known["step_id"] = clerk.visit()["current_step"]
    assert job.status == 201
    seen: dict[str, list[bool]] = {}
    for rule in sorted(world.house.app.flask.url_map.iter_rules(), key=_ends_something):
        path = rule.build({name: known.get(name, "1") for name in rule.arguments})
        for browser in (citizen.browser, clerk.browser):
            for method in (rule.methods or set()) & {"POST", "PUT", "PATCH"}:
                body = _SlowSender(world.house, seen.setdefault(rule.rule, []))
                browser.open(
                    path[1], method=method, input_stream=body, content_length=2, headers=OURS
                )
    assert [rule for rule, free in seen.items() if not all(free)] == []
    assert sum(map(bool, seen.values())) > 30


def _ends_something(rule: Any) -> bool:
    return rule.rule.endswith(("/parking", "/stop", "/departure", "sign-out"))
