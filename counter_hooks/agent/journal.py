"""What the agent must still know after its process or the power died: jobs, pages, reports.

A SQLite file in write-ahead mode that is synchronised on every commit: what a method returned
from is on disk. Every change of a job's state is written together with the report of it, and a
report stays until the bridge acknowledged it. See ``docs/adr/0007-agent-journal.md``.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counter_hooks.actions import Value
from counter_hooks.agent.errors import JournalUnreadable, JournalUnwritable
from counter_hooks.agent.journal_schema import prepare
from counter_hooks.model import Attention, Page
from counter_hooks.wire import AgentJobState, JobKind, JobOrder, JobState, decode, encode

ENDS = frozenset({AgentJobState.PRODUCED, AgentJobState.FAILED, AgentJobState.CANCELLED})
# Ended jobs stay this long, counted in jobs, so that an order that comes once more is recognised.
REMEMBERED_JOBS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEntry:
    """A job as the journal knows it; ``began`` is True once a driver was given it."""

    id: str
    order: JobOrder
    state: AgentJobState
    outcome: AgentJobState | None
    is_cancel_asked: bool
    source_path: Path | None
    spooler_id: str | None

    @property
    def began(self) -> bool:
        """True once a driver was given the job."""
        return self.state is not AgentJobState.ACCEPTED

    @property
    def ended(self) -> bool:
        """True when the end of the job has been written down."""
        return self.state in ENDS


class Journal:
    """The journal in the file ``path``; all methods may be called from any thread.

    What changes something raises ``JournalUnwritable`` when the disk does not take it, and then
    has changed nothing. What reads raises ``JournalUnreadable`` when the disk does not give it.
    """

    def __init__(self, path: Path) -> None:
        """Open the journal, or begin one. Raises ``JournalUnreadable``."""
        # One connection under one lock: commits of a few hundred bytes are all that is guarded,
        # and SQLite would let only one of them write at a time anyway.
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                prepare(self._connection)
            except (sqlite3.Error, JournalUnreadable):
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise JournalUnreadable(
                f"the journal {path} cannot be used ({error}); look whether the disk is full, then"
                " whether jobs are still open, and only then move it away",
                path=str(path),
            ) from error

    def close(self) -> None:
        """Close the file; the journal cannot be used any more."""
        with self._lock:
            self._connection.close()

    def accept(self, order: JobOrder) -> bool:
        """Write down a new job; False when it is known already."""
        with self._change() as connection:
            inserted = connection.execute(
                "INSERT INTO job (id, bridge_order, state) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                (order.id, json.dumps(encode(order)), AgentJobState.ACCEPTED),
            ).rowcount
            if inserted:
                self._report(connection, order.id, AgentJobState.ACCEPTED)
            return bool(inserted)

    def job(self, job_id: str) -> JobEntry | None:
        """Return a job, or None."""
        rows = self._rows("SELECT * FROM job WHERE id = ?", job_id)
        return _entry(rows[0]) if rows else None

    def open_jobs(self) -> list[JobEntry]:
        """Return the jobs that have not ended, in the order in which they came."""
        rows = self._rows(
            "SELECT * FROM job WHERE state NOT IN (?, ?, ?) ORDER BY place", *sorted(ENDS)
        )
        return [_entry(row) for row in rows]

    def report(
        self,
        job_id: str,
        state: AgentJobState,
        *,
        reason: str | None = None,
        facts: Mapping[str, Value] | None = None,
    ) -> None:
        """Write down that a job is in ``state``, unless it has ended or is there already."""
        with self._change() as connection:
            row = connection.execute(
                "SELECT state, outcome FROM job WHERE id = ?", (job_id,)
            ).fetchone()
            if row is None or row["outcome"] is not None:
                return
            if row["state"] != state or state is AgentJobState.NEEDS_ATTENTION:
                told = json.dumps(dict(facts or {}))
                self._report(connection, job_id, state, reason=reason, facts=told)

    def awaits_page(self, job_id: str, page: int) -> None:
        """Write down that a scan page by page waits for its page ``page``."""
        state, reason = AgentJobState.NEEDS_ATTENTION, Attention.NEXT_PAGE.value
        self.report(job_id, state, reason=reason, facts={"page": page})

    def remember_source(self, job_id: str, path: Path) -> None:
        """Write down that what is to be printed lies whole at ``path``."""
        self._set(job_id, "source_path", str(path))

    def remember_spooler(self, job_id: str, spooler_id: str) -> None:
        """Write down the spooler's own identifier of a job."""
        self._set(job_id, "spooler_id", spooler_id)

    def ask_cancel(self, job_id: str) -> None:
        """Write down that a job shall stop, unless it has come to its end."""
        with self._change() as connection:
            connection.execute(
                "UPDATE job SET cancel_asked = 1 WHERE id = ? AND outcome IS NULL", (job_id,)
            )

    def add_page(self, job_id: str, page: Page) -> None:
        """Write down a page that lies whole in the spool."""
        with self._change() as connection:
            connection.execute(
                "INSERT INTO page (job, number, path, media_type, sha256, size_bytes, width_px,"
                " height_px, dpi) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    page.number,
                    str(page.path),
                    page.media_type,
                    page.sha256,
                    page.size_bytes,
                    page.width_px,
                    page.height_px,
                    page.dpi,
                ),
            )

    def pages(self, job_id: str) -> list[Page]:
        """Return all pages of a job."""
        rows = self._rows("SELECT * FROM page WHERE job = ? ORDER BY number", job_id)
        return [_page(row) for row in rows]

    def waiting_pages(self) -> list[tuple[str, Page]]:
        """Return the pages that the bridge does not have yet, oldest first, with their jobs."""
        rows = self._rows(
            "SELECT page.* FROM page JOIN job ON job.id = page.job WHERE page.done = 0"
            " ORDER BY job.place, page.number"
        )
        return [(row["job"], _page(row)) for row in rows]

    def page_done(self, job_id: str, number: int) -> bool:
        """Write down that the bridge has a page; True when this ended the job."""
        with self._change() as connection:
            connection.execute(
                "UPDATE page SET done = 1 WHERE job = ? AND number = ?", (job_id, number)
            )
            return self._settle(connection, job_id)

    def give_up_pages(self, job_id: str) -> None:
        """Write down that nobody wants a job's remaining pages: it is cancelled, unless it ended."""
        with self._change() as connection:
            connection.execute("UPDATE page SET done = 1 WHERE job = ?", (job_id,))
            self._cut_short(connection, job_id, AgentJobState.CANCELLED)

    def refuse_page(self, job_id: str, number: int, *, reason: str) -> None:
        """Write down that one page goes nowhere: its job failed, unless it has ended."""
        with self._change() as connection:
            connection.execute(
                "UPDATE page SET done = 1 WHERE job = ? AND number = ?", (job_id, number)
            )
            self._cut_short(connection, job_id, AgentJobState.FAILED, reason=reason)

    def finish(
        self,
        job_id: str,
        outcome: AgentJobState,
        *,
        reason: str | None = None,
        facts: Mapping[str, Value] | None = None,
        answer: Mapping[str, Value] | None = None,
    ) -> bool:
        """Write down how a job came out; only the first word counts, later ones return False.

        ``produced`` is reported when the bridge has every page, the other ends at once.
        """
        with self._change() as connection:
            told = json.dumps(dict(facts or {}))
            changed = connection.execute(
                "UPDATE job SET outcome = ?, facts = ? WHERE id = ? AND outcome IS NULL",
                (outcome, told, job_id),
            ).rowcount
            if changed and outcome is AgentJobState.PRODUCED:
                self._settle(connection, job_id, answer=json.dumps(dict(answer or {})))
            elif changed:
                self._report(connection, job_id, outcome, reason=reason, facts=told)
            return bool(changed)

    def next_report(self, *, but: Collection[str] = ()) -> JobState | None:
        """Return the oldest report not acknowledged, of any job but those of ``but``."""
        rows = self._rows(
            "SELECT * FROM report WHERE acknowledged = 0"
            " AND job NOT IN (SELECT value FROM json_each(?)) ORDER BY place LIMIT 1",
            json.dumps(sorted(but)),
        )
        if not rows:
            return None
        row = rows[0]
        return JobState(
            job=row["job"],
            sequence=row["sequence"],
            state=AgentJobState(row["state"]),
            reason=row["reason"],
            facts=json.loads(row["facts"]),
            answer=json.loads(row["answer"]),
        )

    def acknowledge(self, report: JobState) -> None:
        """Write down that the bridge has ``report``."""
        with self._change() as connection:
            # What an action said may be personal: it is gone once the bridge has it.
            connection.execute(
                "UPDATE report SET acknowledged = 1, answer = '{}' WHERE job = ? AND sequence = ?",
                (report.job, report.sequence),
            )
            connection.execute(
                "UPDATE job SET bridge_order = json_set(bridge_order, '$.options', json('{}'))"
                " WHERE id = ? AND outcome IS NOT NULL"
                " AND json_extract(bridge_order, '$.kind') = ?",
                (report.job, JobKind.ACTION),
            )
            # The last report stays, to be told again to a bridge that lost it.
            connection.execute(
                "DELETE FROM report WHERE job = ? AND sequence < ? AND acknowledged = 1",
                (report.job, report.sequence),
            )

    def repeat_last_report(self, job_id: str) -> None:
        """Let the last report of a job be told once more, with the sequence that it had."""
        with self._change() as connection:
            connection.execute(
                "UPDATE report SET acknowledged = 0 WHERE job = ? AND sequence ="
                " (SELECT sequence FROM job WHERE id = ?)",
                (job_id, job_id),
            )

    def prune(self, *, keep: int = REMEMBERED_JOBS) -> list[str]:
        """Forget all but the ``keep`` newest ended jobs about which nothing is left to tell."""
        with self._change() as connection:
            rows = connection.execute(
                "SELECT id FROM job WHERE state IN (?, ?, ?)"
                " AND NOT EXISTS (SELECT 1 FROM page WHERE page.job = job.id AND done = 0)"
                " AND NOT EXISTS (SELECT 1 FROM report WHERE report.job = job.id"
                " AND acknowledged = 0) ORDER BY place DESC LIMIT -1 OFFSET ?",
                (*sorted(ENDS), keep),
            ).fetchall()
            connection.executemany("DELETE FROM job WHERE id = ?", [(row["id"],) for row in rows])
        return [row["id"] for row in rows]

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise JournalUnwritable(f"the journal cannot be written ({error})") from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        # On a full disk SQLite may have done so by itself.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        try:
            with self._lock, closing(self._connection.execute(statement, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise JournalUnreadable(f"the journal cannot be read ({error})") from error

    def _set(self, job_id: str, column: str, value: str) -> None:
        with self._change() as connection:
            connection.execute(
                f"UPDATE job SET {column} = ? WHERE id = ?",  # noqa: S608 - our own names
                (value, job_id),
            )

    def _report(
        self,
        connection: sqlite3.Connection,
        job_id: str,
        state: AgentJobState,
        *,
        reason: str | None = None,
        facts: str = "{}",
        answer: str = "{}",
    ) -> None:
        connection.execute(
            "UPDATE job SET state = ?, sequence = sequence + 1 WHERE id = ?", (state, job_id)
        )
        connection.execute(
            "INSERT INTO report (job, sequence, state, reason, facts, answer)"
            " SELECT id, sequence, ?, ?, ?, ? FROM job WHERE id = ?",
            (state, reason, facts, answer, job_id),
        )

    def _cut_short(
        self,
        connection: sqlite3.Connection,
        job_id: str,
        outcome: AgentJobState,
        *,
        reason: str | None = None,
    ) -> None:
        row = connection.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
        if row is not None and not _entry(row).ended:
            connection.execute("UPDATE job SET outcome = ? WHERE id = ?", (outcome, job_id))
            self._report(connection, job_id, outcome, reason=reason, facts=row["facts"])

    def _settle(self, connection: sqlite3.Connection, job_id: str, *, answer: str = "{}") -> bool:
        row = connection.execute(
            "SELECT facts FROM job WHERE id = ? AND outcome = ? AND state <> ? AND NOT EXISTS"
            " (SELECT 1 FROM page WHERE page.job = job.id AND done = 0)",
            (job_id, AgentJobState.PRODUCED, AgentJobState.PRODUCED),
        ).fetchone()
        if row is None:
            return False
        self._report(connection, job_id, AgentJobState.PRODUCED, facts=row["facts"], answer=answer)
        return True


def _entry(row: sqlite3.Row) -> JobEntry:
    return JobEntry(
        id=row["id"],
        order=decode(JobOrder, json.loads(row["bridge_order"])),
        state=AgentJobState(row["state"]),
        outcome=AgentJobState(row["outcome"]) if row["outcome"] else None,
        is_cancel_asked=bool(row["cancel_asked"]),
        source_path=Path(row["source_path"]) if row["source_path"] else None,
        spooler_id=row["spooler_id"],
    )


def _page(row: sqlite3.Row) -> Page:
    values: dict[str, Any] = {name: row[name] for name in row.keys() if name not in {"job", "done"}}  # noqa: SIM118 - sqlite3.Row iterates values
    return Page(**values | {"path": Path(row["path"])})
