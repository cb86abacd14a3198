"""The database: one engine, one base, one way to open a transaction."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Engine,
    Enum,
    Index,
    MetaData,
    TextClause,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, sessionmaker
from sqlalchemy.orm import Session as Db
from sqlalchemy.types import TypeDecorator

from bridge.core.events import Event, Events

__all__ = [
    "LOCK",
    "Base",
    "Database",
    "Db",
    "Moment",
    "announce",
    "at_end",
    "index_where",
    "on_commit",
    "on_rollback",
    "one_of",
    "unique_where",
]
log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
# How a row is held for a change: what merely refers to it is written meanwhile. In which order
# rows are held is fixed (ADR 19).
LOCK = {"key_share": True}
_ANNOUNCED, _AT_END, _COMMITTED, _UNDONE = "announced", "at-end", "committed", "undone"


class Moment(TypeDecorator[datetime]):
    """A point in time: stored as UTC, always aware in Python, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time; SQLite gives naive ones back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all rows; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # Enumerations are stored by value, with a CHECK in the schema, alike on every database.
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own convention
        datetime: Moment,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=20,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


def unique_where(name: str, *columns: str, where: TextClause) -> Index:
    """Return an index in which the rows that fulfil ``where`` are unique."""
    return index_where(name, *columns, where=where, unique=True)


def index_where(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """Return an index of the rows that fulfil ``where``: it stays small however long the history.

    A query that is to use it says ``where`` letter for letter: SQLite knows it by nothing else.
    """
    # With SQLAlchemy's own ``sqlite_where`` and ``postgresql_where`` every bridge loads what only
    # PostgreSQL needs: 3 MiB.
    return Index(name, *columns, unique=unique, info={"where": where})


def one_of(column: str, values: Iterable[str]) -> TextClause:
    """Return that ``column`` has one of these values, said alike wherever it is said."""
    listed = ",".join(f"'{value}'" for value in sorted(values))
    return text(f"{column} IN ({listed})")


@event.listens_for(Base.metadata, "before_create")
def _say_where(metadata: MetaData, connection: Connection, **_more: object) -> None:
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_kwargs[f"{connection.dialect.name}_where"] = index.info["where"]


class Database:
    """The engine and the events that its transactions announce."""

    def __init__(self, url: str, events: Events) -> None:
        self.engine = _engine(url)
        self.events = events
        self._make = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        """Open a transaction that writes: commit at the end, or roll back on an exception.

        What was put ``at_end`` comes right before the commit; what was announced is told after
        it, and forgotten on a rollback; what was put ``on_rollback`` comes then. What was put
        ``on_commit`` comes between the commit and the telling.
        """
        with self._make() as db:
            try:
                db.connection(execution_options={"oac_writes": True})
                yield db
                for do in db.info.pop(_AT_END, []):
                    do(db)
                db.commit()
            except BaseException as error:
                # A connection lost in the commit may have committed: what stays then harms less.
                if not (isinstance(error, DBAPIError) and error.connection_invalidated):
                    for undo in db.info.pop(_UNDONE, []):
                        undo()
                raise
            announced: list[Event] = db.info.pop(_ANNOUNCED, [])
            committed: list[Callable[[], object]] = db.info.pop(_COMMITTED, [])
        for do_then in committed:
            try:
                do_then()
            # What is committed stays so, and whoever waits for the news still hears it.
            except OSError:
                log.exception("a file could not be changed after a commit")
        if announced:
            self.events.tell_all(announced)

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """Open a transaction that only reads; nothing it does is kept."""
        with self._make() as db:
            yield db


def at_end(db: Db, do: Callable[[Db], None]) -> None:
    """Have ``do`` done once everything else in the transaction of ``db`` was, before its commit."""
    db.info.setdefault(_AT_END, []).append(do)


def on_rollback(db: Db, undo: Callable[[], object]) -> None:
    """Have ``undo`` done unless the transaction of ``db`` is committed: for files, not rows."""
    db.info.setdefault(_UNDONE, []).append(undo)


def on_commit(db: Db, do: Callable[[], object]) -> None:
    """Have ``do`` done once the transaction of ``db`` is committed: for files, not rows."""
    db.info.setdefault(_COMMITTED, []).append(do)


def announce(db: Db, name: str, **facts: object) -> None:
    """Tell the fact ``name`` once the transaction of ``db`` is committed."""
    db.info.setdefault(_ANNOUNCED, []).append(Event(name=name, facts=facts))


def _engine(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=make_url(url).get_backend_name() != "sqlite",
        # An error that is logged says which statement failed, not whose name was in it.
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (before the first write) and cannot be IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for a lock in WAL mode: it
    # fails at once. Those that will write take the lock when they begin.
    writes = connection.get_execution_options().get("oac_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
