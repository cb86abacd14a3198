"""Let a server tell who is there

Who carries the meeting of each visit, what a Jitsi server told of its rooms, which of them it
still has to close, whom it refused, and the links that were made for guests. A visit that is
going on during the update counts as one between two browsers; the clerk can move it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_columns()
    _make_tables_of_server()
    _make_tables_of_visits()


def _add_columns() -> None:
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("provider", sa.String(length=10), nullable=False, server_default="direct")
        )
        batch_op.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("met_by", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("room_version", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.alter_column("provider", existing_type=sa.String(10), server_default=None)
        batch_op.alter_column("room_version", existing_type=sa.Integer(), server_default=None)


def _make_tables_of_server() -> None:
    op.create_table(
        "meeting_spools",
        sa.Column("server", sa.String(length=255), nullable=False),
        sa.Column("boot", sa.String(length=80), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server", "boot", name=op.f("pk_meeting_spools")),
    )
    op.create_table(
        "meeting_nonces",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_meeting_nonces")),
    )
    with op.batch_alter_table("meeting_nonces", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_nonces_seen_at", ["seen_at"], unique=False)
    op.create_table(
        "room_occupants",
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("nick", sa.String(length=80), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("room", "nick", name=op.f("pk_room_occupants")),
    )
    op.create_table(
        "room_endings",
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("visit_id", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_room_endings")),
    )


def _make_tables_of_visits() -> None:
    op.create_table(
        "refusals",
        sa.Column("visit_id", sa.String(length=26), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_refusals_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("visit_id", "side", name=op.f("pk_refusals")),
    )
    op.create_table(
        "guest_links",
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("visit_id", sa.String(length=26), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_guest_links_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("secret_digest", name=op.f("pk_guest_links")),
    )
    with op.batch_alter_table("guest_links", schema=None) as batch_op:
        batch_op.create_index("ix_guest_links_expires_at", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("guest_links")
    op.drop_table("refusals")
    op.drop_table("room_endings")
    op.drop_table("room_occupants")
    op.drop_table("meeting_nonces")
    op.drop_table("meeting_spools")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_column("room_version")
        batch_op.drop_column("met_by")
        batch_op.drop_column("moved_at")
        batch_op.drop_column("provider")
