"""Find open jobs, unseen pages and what is to be forgotten without reading the history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDICES = (
    (
        "ix_jobs_open",
        "jobs",
        ["state"],
        "state IN ('awaiting_consent','needs_attention','queued','requested','running')",
    ),
    (
        "ix_jobs_told",
        "jobs",
        ["changed_at"],
        "kind = 'action' AND (answer IS NOT NULL OR CAST(options AS VARCHAR) <> '{}')",
    ),
    (
        "ix_pages_unseen",
        "pages",
        ["id"],
        "(state = 'quarantine' OR state = 'visible' AND outline IS NULL)",
    ),
    (
        "ix_tickets_over",
        "tickets",
        ["ended_at", "id"],
        "state IN ('cancelled','completed','left','no_show','pending_followup')",
    ),
    ("ix_visit_keys_kept", "visit_keys", ["created_at"], "wrapped IS NOT NULL"),
)


def upgrade() -> None:
    """Add the indices; pages that were shown before are not looked at once more."""
    op.execute("UPDATE pages SET outline = '{}' WHERE state = 'visible' AND outline IS NULL")
    for name, table, columns, rows in _INDICES:
        where = sa.text(rows)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_visit_keys_erased_at", "visit_keys", ["erased_at"])


def downgrade() -> None:
    """Take the indices away."""
    op.drop_index("ix_visit_keys_erased_at", "visit_keys")
    for name, table, _columns, _rows in reversed(_INDICES):
        op.drop_index(name, table)
