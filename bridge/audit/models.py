"""Rows of the audit: entries in a chain, and the head that every writer locks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Connection, String, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from bridge.core.db import Base


class Entry(Base):
    """One thing that happened: who, what, to what, with which figures. Never content or names.

    ``digest`` is the SHA-256 over the previous digest and the canonical JSON of this entry.
    """

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(60), index=True)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(40))
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[str | None] = mapped_column(String(80), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class Head(Base):
    """The end of the chain; its one row is locked by whoever appends."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


# The database itself refuses what only somebody with the file in hands could then still do.
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_entries_no_{change} BEFORE {change.upper()} ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        for change in ("update", "delete")
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        *(
            f"CREATE TRIGGER audit_entries_no_{change} BEFORE {change.upper()} ON audit_entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            for change in ("update", "delete")
        ),
    ),
}


def _guard(table: Table, connection: Connection, **_: object) -> None:
    for statement in GUARDS.get(connection.dialect.name, ()):
        connection.exec_driver_sql(statement)


event.listen(Entry.__table__, "after_create", _guard)
