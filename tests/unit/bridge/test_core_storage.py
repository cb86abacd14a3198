"""Migrations and models say the same, and a database of another version is not served."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

import bridge
from bridge.cli_data import migrating, upgrade
from bridge.core.db import Base, Database
from bridge.core.events import Events
from bridge.core.schema import REVISION, SchemaOld, check_schema
from tests import makers  # noqa: F401  # makes every table known
from tests.makers import settings_in


def differences(engine: Engine) -> list[object]:
    """Return what the models say otherwise than the database."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def checks_of(engine: Engine) -> dict[str, list[str]]:
    """Return the CHECK constraints of every table by name; autogeneration does not see them.

    One that is there twice, old and new, counts twice.
    """
    found = inspect(engine)
    return {
        table: sorted(str(one["name"]) for one in found.get_check_constraints(table))
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    """An empty database that was migrated has the tables, columns and checks of the models."""
    settings = settings_in(tmp_path)
    assert upgrade(settings) == (None, REVISION)
    migrated = Database(settings.database, Events()).engine
    assert differences(migrated) == []
    made = Database(f"sqlite:///{tmp_path}/models.sqlite", Events()).engine
    Base.metadata.create_all(made)
    assert checks_of(migrated) == checks_of(made)
    migrated.dispose()
    made.dispose()


def test_migrations_go_back(tmp_path: Path) -> None:
    """What a migration made, its way back takes away."""
    from alembic import command

    settings = settings_in(tmp_path)
    upgrade(settings)
    engine = Database(settings.database, Events()).engine
    with migrating(engine) as config:
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    assert upgrade(settings)[1] == REVISION


def test_the_revision_is_the_newest() -> None:
    """The revision that the server asks for is the last of the migrations."""
    script = ScriptDirectory(str(Path(bridge.__file__).parent / "migrations"))
    assert script.get_heads() == [REVISION]


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
    """An empty or differently migrated database is refused with what to do."""
    settings = settings_in(tmp_path)
    engine = Database(settings.database, Events()).engine
    with pytest.raises(SchemaOld, match="oac-bridge init"):
        check_schema(engine)
    upgrade(settings)
    check_schema(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaOld, match="oac-bridge migrate"):
        check_schema(engine)
    engine.dispose()
