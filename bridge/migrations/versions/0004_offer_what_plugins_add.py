"""Keep what plugins add to a counter, and jobs that are actions with their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = "kind IN ('scan', 'print', 'action')"
KINDS_BEFORE = "kind IN ('scan', 'print')"
STATES = (
    "state IN ('requested', 'awaiting_consent', 'queued', 'running', 'needs_attention', "
    "'produced', 'confirmed', 'refused', 'failed', 'cancelled', 'expired')"
)


def upgrade() -> None:
    """Add the columns, and let a job be an action."""
    op.add_column("counters", sa.Column("offer", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("answer", sa.JSON(), nullable=True))
    _allow(KINDS)


def downgrade() -> None:
    """Take the columns away, and the jobs that only they could describe."""
    op.execute("DELETE FROM jobs WHERE kind = 'action'")
    _allow(KINDS_BEFORE)
    op.drop_column("jobs", "answer")
    op.drop_column("counters", "offer")


def _allow(kinds: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_jobs_kind"), "jobs", type_="check")
        op.create_check_constraint(op.f("ck_jobs_kind"), "jobs", kinds)
        return
    # SQLite changes a constraint by making the table anew. Whether the old checks are read from it
    # depends on the version of SQLAlchemy, so they are taken away and given anew.
    table = sa.Table("jobs", sa.MetaData(), autoload_with=op.get_bind())
    for check in [one for one in table.constraints if isinstance(one, sa.CheckConstraint)]:
        table.constraints.discard(check)
    checks = (
        sa.CheckConstraint(kinds, name=op.f("ck_jobs_kind")),
        sa.CheckConstraint(STATES, name=op.f("ck_jobs_jobstate")),
    )
    with op.batch_alter_table("jobs", recreate="always", copy_from=table, table_args=checks):
        pass
