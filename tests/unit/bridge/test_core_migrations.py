"""A database that was worked with is brought to this version with everything in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner

from bridge.cli import main
from bridge.cli_data import migrating, upgrade
from bridge.cli_support import Failed
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.core.schema import REVISION, present_revision
from tests.makers import settings_in

# What a scanned page refers to, and a print that was made twice.
VISIT: list[tuple[str, dict[str, object]]] = [
    ("offices", {"id": "office"}),
    ("people", {"id": "clerk", "office_id": "office", "role": "clerk", "state": "serving"}),
    ("counters", {"id": "counter", "office_id": "office", "state": "in_visit"}),
    ("tickets", {"id": "ticket", "office_id": "office", "state": "serving", "priority": 1}),
    (
        "visits",
        {
            "id": "visit",
            "ticket_id": "ticket",
            "counter_id": "counter",
            "clerk_id": "clerk",
            "camera": "person",
        },
    ),
    ("jobs", {"id": "scan", "counter_id": "counter", "kind": "scan", "state": "confirmed"}),
    ("jobs", {"id": "print", "counter_id": "counter", "kind": "print", "state": "failed"}),
    (
        "jobs",
        {
            "id": "once-more",
            "counter_id": "counter",
            "kind": "print",
            "state": "confirmed",
            "repeats_id": "print",
        },
    ),
    ("documents", {"id": "document", "kind": "scan", "state": "draft"}),
    (
        "pages",
        {"id": "page", "document_id": "document", "job_id": "scan", "state": "quarantine"},
    ),
]
_FILLED_WITH = {"INTEGER": 0, "BOOLEAN": 0, "JSON": "{}", "DATETIME": "2026-11-24 09:15:00.000000"}


def _connect(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "bridge.sqlite")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _fill(folder: Path) -> None:
    """Write the rows of a visit by the columns that there are; what is not said is filled up."""
    with closing(_connect(folder)) as connection, connection:
        for table, said in VISIT:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            row = {
                name: said.get(name, _FILLED_WITH.get(kind, f"{said['id']}-{name}"[:26]))
                for _, name, kind, is_needed, default, _ in columns
                if name in said or (is_needed and default is None)
            }
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            order = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  # our own names
            connection.execute(order, tuple(row.values()))


def _rows(folder: Path) -> dict[str, list[dict[str, object]]]:
    with closing(_connect(folder)) as connection:
        connection.row_factory = sqlite3.Row
        orders = {
            table: f"SELECT * FROM {table} ORDER BY id"  # noqa: S608  # our own names
            for table, _ in VISIT
        }
        return {
            table: [dict(row) for row in connection.execute(order)]
            for table, order in orders.items()
        }


def _are_within(before: dict[str, list[dict[str, object]]], folder: Path) -> bool:
    after = _rows(folder)
    return all(
        len(rows) == len(after[table])
        and all(old.items() <= new.items() for old, new in zip(rows, after[table], strict=True))
        for table, rows in before.items()
    )


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0008", "0009"])
def test_a_visit_with_a_scanned_page_is_migrated(tmp_path: Path, revision: str) -> None:
    """Every row is there as it was, and its references hold, from each earlier version."""
    upgrade(settings_in(tmp_path), revision)
    _fill(tmp_path)
    before = _rows(tmp_path)
    result = CliRunner().invoke(main, ["migrate", "--json"], env={"OAC_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"from": revision, "to": REVISION}
    assert _are_within(before, tmp_path)
    with closing(_connect(tmp_path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("DELETE FROM jobs WHERE id = 'scan'")


def test_pages_of_before_are_not_looked_at_again(tmp_path: Path) -> None:
    """A page that was shown already counts as one on which no paper was found."""
    settings = settings_in(tmp_path)
    upgrade(settings, "0009")
    _fill(tmp_path)
    with closing(_connect(tmp_path)) as connection, connection:
        connection.execute("UPDATE pages SET state = 'visible'")
    upgrade(settings)
    with closing(_connect(tmp_path)) as connection:
        assert connection.execute("SELECT outline FROM pages").fetchall() == [("{}",)]


def test_a_visit_with_a_scanned_page_goes_back(tmp_path: Path) -> None:
    """The way back keeps the rows too, and a connection heeds references again afterwards."""
    settings = settings_in(tmp_path)
    upgrade(settings, "0003")
    _fill(tmp_path)
    before = _rows(tmp_path)
    upgrade(settings)
    engine = Database(settings.database, Events()).engine
    with migrating(engine) as config:
        command.downgrade(config, "0003")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()
    assert _rows(tmp_path) == before


def test_a_broken_reference_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """One sentence with the table's name, and the revision of before."""
    settings = settings_in(tmp_path)
    upgrade(settings, "0001")
    _fill(tmp_path)
    with closing(_connect(tmp_path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM documents")
        connection.commit()
    before = _rows(tmp_path)
    with pytest.raises(Failed, match="1 rows of pages refer"):
        upgrade(settings)
    engine = Database(settings.database, Events()).engine
    assert present_revision(engine) == "0001"
    engine.dispose()
    assert _rows(tmp_path) == before
