"""Append to the audit in the transaction of what it records, and check its chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from bridge.audit.models import Entry, Head
from bridge.audit.rules import GENESIS, Actor, Record, Subject, Tag, digest_of, plain_facts
from bridge.core.db import LOCK, Database, Db, at_end
from bridge.core.errors import Refused, TooLarge

_BATCH = 1000
_WAITING = "audit"


def append(
    db: Db,
    *,
    tag: Tag,
    actor: Actor,
    now: datetime,
    subject: Subject | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Record that ``actor`` did ``tag`` to ``subject``; kept only if the caller's transaction is.

    It is written right before the commit: the one row of the head, which the entries of concurrent
    transactions follow each other by, is the last that a transaction locks, whatever it does.
    """
    record = Record(
        number=0,
        at=now,
        tag=tag.value,
        actor=actor,
        subject=subject,
        facts=plain_facts(facts or {}),
    )
    if _WAITING not in db.info:
        db.info[_WAITING] = []
        at_end(db, _write)
    db.info[_WAITING].append(record)


@contextmanager
def refusals_kept(
    database: Database,
    tag: Tag,
    *,
    actor: Actor,
    now: datetime,
    subject: Subject,
    facts: Mapping[str, object] | None = None,
) -> Iterator[None]:
    """Record, in a transaction of its own, why what is done within is refused; it stays refused."""
    try:
        yield
    except (Refused, TooLarge) as error:
        told = {**(facts or {}), "reason": error.key}
        if "option" in error.facts:
            told["option"] = str(error.facts["option"])
        with database.transaction() as db:
            append(db, tag=tag, actor=actor, now=now, subject=subject, facts=told)
        raise


def verify(db: Db) -> int | None:
    """Return the number of the first entry that is not as it was written, None when all are.

    A gap, a change, and entries cut off at the end all show.
    """
    expected, previous = 1, GENESIS
    rows = db.scalars(select(Entry).order_by(Entry.number).execution_options(yield_per=_BATCH))
    for entry in rows:
        is_whole = entry.number == expected and entry.previous_digest == previous
        if not is_whole or digest_of(_record(entry), previous) != entry.digest:
            return expected
        expected, previous = expected + 1, entry.digest
    head = db.get(Head, 1)
    end = (head.number, head.digest) if head else (0, GENESIS)
    return None if end == (expected - 1, previous) else expected


def _write(db: Db) -> None:
    db.flush()  # or the rows that are still to be written would be locked after the head
    head = db.get(Head, 1, with_for_update=LOCK)
    if head is None:
        head = Head(id=1, number=0, digest=GENESIS)
        db.add(head)
    for waiting in db.info.pop(_WAITING):
        entry = _entry(replace(waiting, number=head.number + 1), head.digest)
        head.number, head.digest = entry.number, entry.digest
        db.add(entry)


def _entry(record: Record, previous: str) -> Entry:
    subject = record.subject
    return Entry(
        number=record.number,
        at=record.at,
        tag=record.tag,
        actor_kind=record.actor.kind,
        actor_id=record.actor.id,
        subject_kind=subject.kind if subject else None,
        subject_id=subject.id if subject else None,
        facts=dict(record.facts),
        previous_digest=previous,
        digest=digest_of(record, previous),
    )


def _record(entry: Entry) -> Record:
    known = entry.subject_kind is not None and entry.subject_id is not None
    return Record(
        number=entry.number,
        at=entry.at,
        tag=entry.tag,
        actor=Actor(entry.actor_kind, entry.actor_id),  # type: ignore[arg-type]  # as written
        subject=Subject(str(entry.subject_kind), str(entry.subject_id)) if known else None,
        facts=entry.facts,
    )
