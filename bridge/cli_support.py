"""What every verb of ``oac-bridge`` shares: settings, database, printing of facts, errors."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from bridge.core.config import Settings, load
from bridge.core.errors import BridgeError

if TYPE_CHECKING:
    from bridge.core.db import Database

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Failed(click.ClickException):
    """A verb could not do its work; the message is one sentence that says what to do."""

    exit_code = 1


def chosen_file() -> Path | None:
    """Return the file that ``--config`` names."""
    file: Path | None = click.get_current_context().find_root().params.get("config")
    return file


def settings() -> Settings:
    """Return the settings of the file named by ``--config`` and of the environment."""
    try:
        return load(chosen_file(), os.environ)  # noqa: TID251  # the edge of the program
    except BridgeError as error:
        raise Failed(str(error)) from error


def settings_apart() -> Settings:
    """Return the settings, read in a process that ends: what reads them does not stay loaded."""
    outlet, inlet = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(inlet, pickle.dumps(settings()))
        finally:
            os._exit(0)
    os.close(inlet)
    with os.fdopen(outlet, "rb") as said:
        content = said.read()
    os.waitpid(child, 0)
    if not content:
        return settings()  # what went wrong there goes wrong here as well, and is told
    found: Settings = pickle.loads(content)  # noqa: S301  # written by our own child
    return found


@contextmanager
def opened(chosen: Settings) -> Iterator[Database]:
    """Open the database of an installation that was made and migrated."""
    # Imported here and below: SQLAlchemy would cost the server's parent process 20 MiB.
    from bridge.core.db import Database
    from bridge.core.events import Events
    from bridge.core.schema import check_schema

    database = Database(chosen.database, Events())
    try:
        check_schema(database.engine)
        yield database
    finally:
        database.engine.dispose()


def tell(facts: Mapping[str, object], sentence: str) -> None:
    """Print ``sentence``, or ``facts`` as JSON when ``--json`` was given."""
    if click.get_current_context().params.get("as_json"):
        click.echo(json.dumps(dict(facts), ensure_ascii=False, default=str))
    else:
        click.echo(sentence)


as_json = click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
# Never on the command line: shells remember it, and other users see it.
password_stdin = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; else one is made up and printed.",
)


def given_password() -> str:
    """Return the first line of standard input."""
    return sys.stdin.readline().rstrip("\n")


def clean(verb: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Turn what a verb raises on purpose, or for lack of a file or database, into a sentence."""

    @wraps(verb)
    def inner(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        from sqlalchemy.exc import DBAPIError

        try:
            return verb(*args, **kwargs)
        except BridgeError as error:
            raise Failed(_sentence(error)) from error
        except OSError as error:
            name = f" ({error.filename})" if error.filename else ""
            raise Failed(f"{error.strerror or error}{name}.") from error
        except DBAPIError as error:
            raise Failed(f"The database cannot be used: {error.orig}.") from error

    return inner


def _sentence(error: BridgeError) -> str:
    if type(error).__str__ is not BridgeError.__str__:
        return str(error)
    try:
        text = error.text % error.facts
    except (KeyError, TypeError, ValueError):
        text = error.text
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    return f"{text} ({facts})" if facts else text
