"""Whether the database has the tables that this version works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

# The newest revision in migrations/versions; held by a test.
REVISION = "0010"


class SchemaOld(Unavailable):
    """The database was not migrated to this version."""

    key = "schema-old"

    def __str__(self) -> str:
        found = self.facts.get("found")
        if found is None:
            return "The database is empty: run 'oac-bridge init' first."
        return f"The database is at revision {found}, not {REVISION}: run 'oac-bridge migrate'."


def check_schema(engine: Engine) -> None:
    """Raise ``SchemaOld`` unless the database is at this version's revision."""
    found = present_revision(engine)
    if found != REVISION:
        raise SchemaOld(found=found)


def present_revision(engine: Engine) -> str | None:
    """Return the revision of the database, None when it is empty."""
    # Imported here: the command line needs REVISION, and not what comes with the tables.
    from sqlalchemy import inspect, text

    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found: str | None = connection.execute(
            text("SELECT version_num FROM alembic_version")
        ).scalar()
    return found
