"""Remember of each scanner how its last good scan was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("devices", sa.Column("last_choice", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("devices", "last_choice")
