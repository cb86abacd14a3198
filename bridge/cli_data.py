"""Making, migrating, backing up and restoring what an installation keeps."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from bridge.cli_support import (
    Failed,
    as_json,
    clean,
    given_password,
    opened,
    password_stdin,
    settings,
    tell,
)
from bridge.core import clock
from bridge.core.config import Settings
from bridge.core.schema import REVISION, present_revision

if TYPE_CHECKING:
    import tarfile

    from alembic.config import Config
    from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).parent / "migrations"
_DATABASE = "bridge.sqlite"
_FACTS = "backup.json"
_KEPT = ("documents", "keys")


@click.command()
@click.option(
    "--login", default="supervisor", show_default=True, help="How the first supervisor signs in."
)
@click.option("--name", default="", help="The supervisor's name as shown; else the login.")
@password_stdin
@as_json
@clean
def init(login: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Make database, keys, office and first supervisor.

    What is there already is kept, so that it may be run again.
    """
    # Imported where they are used, here and below: the server's parent process needs none of it.
    import secrets

    from bridge.core.keys import make_keys
    from bridge.offices.models import Person
    from bridge.offices.rules import Role
    from bridge.offices.service import NewPerson, add_person, make_office

    chosen, now = settings(), clock.now()
    chosen.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    chosen.documents_dir.mkdir(mode=0o700, exist_ok=True)
    keys = make_keys(chosen)
    upgrade(chosen)
    given = given_password() if password_stdin else None
    secret = secrets.token_urlsafe(12) if given is None else given
    with opened(chosen) as database, database.transaction() as db:
        office = make_office(db, chosen.office, now=now)
        is_new = db.query(Person).filter_by(office_id=office.id, role=Role.SUPERVISOR).count() == 0
        if is_new:
            new = NewPerson(login=login, name=name or login, role=Role.SUPERVISOR, password=secret)
            add_person(db, office, new, now=now)
    facts: dict[str, object] = {
        "data_dir": str(chosen.data_dir),
        "office": office.key,
        "keys_made": keys,
        "supervisor": login if is_new else None,
    }
    sentence = f"The installation in {chosen.data_dir} is ready."
    if is_new:
        sentence += f" Sign in at {chosen.origin} as {login}."
        if given is None:
            facts["password"] = secret
            sentence += f" The password is {secret} and is not shown again."
    tell(facts, sentence)


@click.command()
@as_json
@clean
def migrate(as_json: bool) -> None:
    """Bring the database to this version of the program.

    Make a backup before.
    """
    before, after = upgrade(settings())
    if before == after:
        tell({"from": before, "to": after}, f"The database is at revision {after} already.")
    else:
        origin = f"from revision {before} " if before else ""
        tell({"from": before, "to": after}, f"The database was brought {origin}to {after}.")


def upgrade(chosen: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the database of ``chosen`` to ``revision``; return the revisions before and after."""
    from alembic import command

    from bridge.core.db import Database
    from bridge.core.events import Events

    engine: Engine = Database(chosen.database, Events()).engine
    try:
        before = present_revision(engine)
        with migrating(engine) as config:
            command.upgrade(config, revision)
        return before, present_revision(engine)
    finally:
        engine.dispose()


@contextmanager
def migrating(engine: Engine) -> Iterator[Config]:
    """Open one transaction for migrations; nothing of it is kept if it breaks a reference."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            # A table that is made anew is dropped meanwhile, though others refer to it. Said
            # before the transaction begins: within one SQLite does not heed it.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                yield config
                if is_sqlite:
                    _check_references(connection)
        finally:
            if is_sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys = ON")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise Failed(
            f"{len(broken)} rows of {tables} refer to rows that there are not, so the database was "
            "left as it was: restore the backup that was made last, and migrate that one."
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@clean
def backup(file: Path, as_json: bool) -> None:
    """Write all that is kept into one tar FILE.

    Database, documents and keys, while the bridge runs. As it holds the keys, keep the file as safe
    as the installation itself.
    """
    import sqlite3
    import tarfile

    chosen = settings()
    _refuse_foreign_database(chosen)
    with opened(chosen):
        pass
    if file.exists():
        raise Failed(f"{file} exists: choose another name.")
    if not file.absolute().parent.is_dir():
        raise Failed(f"{file.absolute().parent} is no folder: make it, or choose another place.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
        copy = Path(folder) / _DATABASE
        source = chosen.data_dir / _DATABASE
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)
        part = Path(folder) / "part.tar"
        part.touch(mode=0o600)
        # Documents after the database: a file too many is swept up, one too few would be a loss.
        with tarfile.open(part, "w") as tar:
            _add_facts(tar)
            tar.add(copy, _DATABASE)
            for name in _KEPT:
                _add_folder(tar, chosen.data_dir / name)
        size = part.stat().st_size
        part.rename(file)
    tell({"file": str(file), "bytes": size}, f"{file} holds the whole installation.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
@clean
def restore(file: Path, as_json: bool) -> None:
    """Put a backup FILE back into an empty data folder.

    Or into one that does not exist yet; nothing that is there is written over.
    """
    chosen = settings()
    _refuse_foreign_database(chosen)
    target = chosen.data_dir
    _check_backup(file)
    if target.exists() and any(target.iterdir()):
        raise Failed(f"{target} is not empty: name an empty data_dir to restore into.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _unpack(file, Path(folder) / "whole")
        if target.exists():
            target.rmdir()
        (Path(folder) / "whole").rename(target)
    upgrade(chosen)
    facts = {"data_dir": str(target), "revision": REVISION}
    tell(facts, f"The installation is back in {target}: check it with 'oac-bridge doctor'.")


def _check_backup(file: Path) -> None:
    import tarfile

    try:
        with tarfile.open(file) as tar:
            names = tar.getnames()
    except tarfile.ReadError as error:
        raise Failed(f"{file} cannot be unpacked: choose another backup.") from error
    if _FACTS not in names or _DATABASE not in names:
        raise Failed(f"{file} is no backup of a bridge.")


def _unpack(file: Path, whole: Path) -> None:
    import tarfile

    whole.mkdir(mode=0o750)
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                _unpack_one(file, tar, member, whole)
    except tarfile.ReadError as error:
        raise Failed(f"{file} cannot be unpacked: choose another backup.") from error
    (whole / _FACTS).unlink()


def _unpack_one(file: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, whole: Path) -> None:
    # By hand: the standard library's own filters are missing in Debian 12's Python.
    path = PurePosixPath(member.name)
    is_ours = path.parts[:1] in [(name,) for name in (_FACTS, _DATABASE, *_KEPT)]
    source = tar.extractfile(member) if member.isfile() else None
    if not is_ours or ".." in path.parts or (source is None and not member.isdir()):
        raise Failed(f"{file} holds {member.name}, which is in no backup of a bridge.")
    if source is None:
        (whole / path).mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    (whole / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source, (whole / path).open("xb") as target:
        shutil.copyfileobj(source, target)
    (whole / path).chmod(0o600)


def _refuse_foreign_database(chosen: Settings) -> None:
    if chosen.database_url:
        raise Failed(
            "The database is not the one in the data folder: back it up and restore it with its "
            "own tools (for PostgreSQL pg_dump and pg_restore), and copy the data folder."
        )


def _add_folder(tar: tarfile.TarFile, folder: Path) -> None:
    for place, _, names in os.walk(folder):
        # Whatever begins with a dot is not finished; what was erased since it was listed is gone.
        whole = [name for name in names if not name.startswith(".")]
        for path in (Path(place), *(Path(place, name) for name in whole)):
            with suppress(FileNotFoundError):
                tar.add(path, str(path.relative_to(folder.parent)), recursive=False)


def _add_facts(tar: tarfile.TarFile) -> None:
    import tarfile

    text = json.dumps({"revision": REVISION, "made_at": clock.now().isoformat()}).encode()
    entry = tarfile.TarInfo(_FACTS)
    entry.size = len(text)
    tar.addfile(entry, io.BytesIO(text))
