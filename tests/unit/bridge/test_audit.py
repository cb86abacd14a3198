"""The audit: kept with what it records, chained, and every change to it shows."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from bridge.audit.models import Entry, Head
from bridge.audit.rules import SYSTEM, Actor, Record, Subject, Tag, digest_of, plain_facts
from bridge.audit.service import append, verify
from tests.makers import NOW, House

TABLE = Entry.__table__


@pytest.fixture
def entries(house: House) -> int:
    """Add three entries to that of the office; return how many there are."""
    for number in range(3):
        with house.app.database.transaction() as db:
            append(
                db,
                tag=Tag.STEP_CHANGED,
                actor=Actor("person", "p"),
                subject=Subject("step", "s"),
                facts={"number": number, "to": Tag.STEP_CHANGED, "ok": True, "none": None},
                now=NOW,
            )
    return 4


def _verify(house: House) -> int | None:
    with house.app.database.reading() as db:
        return verify(db)


def _open_the_safe(house: House) -> None:
    """Take the database's own guard away, as somebody with its file could."""
    with house.app.database.transaction() as db:
        for name in ("audit_entries_no_update", "audit_entries_no_delete"):
            db.execute(text(f"DROP TRIGGER {name}"))


def test_an_untouched_chain_is_whole(house: House, entries: int) -> None:
    """What was only appended to verifies, and numbers have no gap."""
    assert _verify(house) is None
    with house.app.database.reading() as db:
        numbers = db.scalars(select(Entry.number).order_by(Entry.number)).all()
    assert numbers == list(range(1, entries + 1))


def test_the_database_itself_refuses_changes(house: House, entries: int) -> None:
    """Entries cannot be changed or deleted by anybody who only has our connection."""
    for statement in (update(TABLE).values(tag="x:y"), delete(TABLE)):
        with pytest.raises(DBAPIError, match="audit"), house.app.database.transaction() as db:
            db.execute(statement)
    assert _verify(house) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (update(TABLE).where(TABLE.c.number == 3).values(facts={"number": 9}), 3),
        (update(TABLE).where(TABLE.c.number == 2).values(actor_id="another"), 2),
        (update(TABLE).where(TABLE.c.number == 2).values(digest="0" * 64), 2),
        (delete(TABLE).where(TABLE.c.number == 2), 2),
        (delete(TABLE).where(TABLE.c.number == 4), 4),
        (delete(TABLE), 1),
        (update(Head.__table__).values(number=9), 5),
    ],
)
def test_every_change_shows(house: House, entries: int, statement: object, broken: int) -> None:
    """A changed, missing or cut off entry is found, by its number."""
    _open_the_safe(house)
    with house.app.database.transaction() as db:
        db.execute(statement)  # type: ignore[call-overload]
    assert _verify(house) == broken


def test_what_is_rolled_back_was_never_recorded(house: House, entries: int) -> None:
    """An entry lives and dies with the transaction of what it records."""

    def fail_late() -> None:
        with house.app.database.transaction() as db:
            append(db, tag=Tag.STEP_CHANGED, actor=SYSTEM, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    assert _verify(house) is None
    with house.app.database.reading() as db:
        assert db.get_one(Head, 1).number == entries


def test_writers_at_once_make_one_chain(house: House, entries: int) -> None:
    """Entries of concurrent transactions follow each other without a gap."""

    def write() -> None:
        for _ in range(5):
            with house.app.database.transaction() as db:
                append(db, tag=Tag.STEP_CHANGED, actor=SYSTEM, now=NOW)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _verify(house) is None
    with house.app.database.reading() as db:
        assert db.get_one(Head, 1).number == entries + 20


def test_facts_are_figures_and_short_words() -> None:
    """Rows, documents and long texts have no place in the audit."""
    assert plain_facts({"note": "x" * 500})["note"] == "x" * 200
    with pytest.raises(TypeError, match="jpeg"):
        plain_facts({"jpeg": b"..."})


def test_tags_are_a_subject_and_a_past() -> None:
    """Every tag reads ``subject:past``."""
    for tag in Tag:
        subject, past = tag.value.split(":")
        assert subject.isalpha()
        assert past.replace("-", "").isalpha()


def test_the_digest_is_of_everything() -> None:
    """Any other field, or another predecessor, gives another digest."""
    plain = {
        "number": 1,
        "at": NOW,
        "tag": "a:b",
        "actor": SYSTEM,
        "subject": Subject("ticket", "t"),
        "facts": {"a": 1},
    }
    others: dict[str, object] = {
        "number": 2,
        "at": NOW.replace(microsecond=1),
        "tag": "a:c",
        "actor": Actor("person", "p"),
        "subject": None,
        "facts": {"a": 2},
    }
    digests = {digest_of(Record(**plain), "0"), digest_of(Record(**plain), "1")}  # type: ignore[arg-type]
    for name, value in others.items():
        digests.add(digest_of(Record(**{**plain, name: value}), "0"))  # type: ignore[arg-type]
    assert len(digests) == 8
