"""Know the camera of a visit

Which of the counter's cameras the meeting shows, and why a document could not be shown.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    camera = _one_of("camera", "person", "document")
    fault = _one_of("camerafault", "camera-missing", "camera-refused", "camera-busy")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("camera", camera, nullable=False, server_default="person"))
        batch_op.add_column(sa.Column("camera_fault", fault, nullable=True))
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.alter_column("camera", existing_type=camera, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_visits_camerafault"), type_="check")
        batch_op.drop_constraint(op.f("ck_visits_camera"), type_="check")
        batch_op.drop_column("camera_fault")
        batch_op.drop_column("camera")
