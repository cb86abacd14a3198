"""The tables of the agent's journal, and how an older file is brought up to them."""

from __future__ import annotations

import sqlite3

from counter_hooks.agent.errors import JournalUnreadable

VERSION = 2

SCHEMA = """
CREATE TABLE job (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    bridge_order TEXT NOT NULL,
    state TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    facts TEXT NOT NULL DEFAULT '{}',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    source_path TEXT,
    spooler_id TEXT
);
CREATE TABLE report (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    facts TEXT NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '{}',
    UNIQUE (job, sequence)
);
CREATE INDEX report_open ON report (place) WHERE acknowledged = 0;
CREATE TABLE page (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    path TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    dpi INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, number)
);
CREATE INDEX page_open ON page (job, number) WHERE done = 0;
"""
# What brings the file of an earlier version up to date, one version after the other.
CHANGES = {1: "ALTER TABLE report ADD COLUMN answer TEXT NOT NULL DEFAULT '{}';"}


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring them up to date.

    Raises ``sqlite3.Error``, and ``JournalUnreadable`` for a journal of a later version.
    """
    connection.row_factory = sqlite3.Row
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in {0, *CHANGES, VERSION}:
        raise JournalUnreadable(
            f"the journal was written by a newer version of this program (it has version {version},"
            f" this one knows {VERSION}); install that version again"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    # A few dozen pages suffice; the default keeps two megabytes.
    connection.execute("PRAGMA cache_size = -256")
    if version == 0:
        connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version < VERSION:
        changes = " ".join(CHANGES[number] for number in range(version, VERSION))
        connection.executescript(f"BEGIN; {changes} PRAGMA user_version = {VERSION}; COMMIT;")
