"""Know where a paper lies on its page, what a page was made of, and which side of a card a scan is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing that is there has any of it."""
    op.add_column("pages", sa.Column("outline", sa.JSON(), nullable=True))
    op.add_column("pages", sa.Column("made", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("side", sa.String(length=5), nullable=True))


def downgrade() -> None:
    """Take the columns away; pages that were made stay as they are."""
    op.drop_column("jobs", "side")
    op.drop_column("pages", "made")
    op.drop_column("pages", "outline")
