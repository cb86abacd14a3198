"""Know what a clerk called a paper that they brought."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; papers of before have no name of their own."""
    op.add_column("documents", sa.Column("title", sa.String(length=80), nullable=True))


def downgrade() -> None:
    """Take the column away, and the names with it."""
    op.drop_column("documents", "title")
