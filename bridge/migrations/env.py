"""Alembic's entry: the connection comes from ``cli_data.migrate``, the tables from the models."""

from __future__ import annotations

from typing import Literal

from alembic import context

import bridge.audit.models
import bridge.counters.models
import bridge.documents.models
import bridge.helpers.models
import bridge.meetings.models
import bridge.offices.models
import bridge.tickets.models
import bridge.visits.models  # noqa: F401  # importing a models module makes its tables known
from bridge.core.db import Base, Moment


def plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column types as what they are in the database: revisions import no models."""
    is_moment = kind == "type" and isinstance(item, Moment)
    return "sa.DateTime(timezone=True)" if is_moment else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=plain_type,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
