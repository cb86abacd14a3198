"""Adding clerks and counters, and letting kiosks and agents in."""

from __future__ import annotations

import click

from bridge.cli_support import (
    as_json,
    clean,
    given_password,
    opened,
    password_stdin,
    settings,
    tell,
)
from bridge.core import clock
from bridge.offices.rules import Role


@click.command("add-clerk")
@click.argument("login")
@click.option("--name", default="", help="The name as citizens see it; else the login.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.CLERK.value,
    show_default=True,
    help="What the person may do.",
)
@click.option("--office", help="The office's key; not needed when there is one office.")
@password_stdin
@as_json
@clean
def add_clerk(
    login: str, name: str, role: str, office: str | None, password_stdin: bool, as_json: bool
) -> None:
    """Add a clerk, or with --role other staff.

    A password is made up and printed, unless one is given by --password-stdin.
    """
    import secrets

    from bridge.offices.service import NewPerson, add_person, office_by_key

    given = given_password() if password_stdin else None
    password = secrets.token_urlsafe(12) if given is None else given
    wanted = NewPerson(login=login, name=name or login, role=Role(role), password=password)
    with opened(settings()) as database, database.transaction() as db:
        person = add_person(db, office_by_key(db, office), wanted, now=clock.now())
    facts: dict[str, object] = {"id": person.id, "login": person.login, "role": role}
    sentence = f"{person.login} can sign in as {role}."
    if given is None:
        facts["password"] = password
        sentence += f" The password is {password} and is not shown again."
    tell(facts, sentence)


@click.command("add-counter")
@click.argument("key")
@click.option("--name", default="", help="The name that clerks and the hall see; else the key.")
@click.option("--office", help="The office's key; not needed when there is one office.")
@as_json
@clean
def add_counter(key: str, name: str, office: str | None, as_json: bool) -> None:
    """Add a counter; its screen is then opened at /kiosk/KEY."""
    from bridge.counters.service import add_counter as add
    from bridge.offices.service import office_by_key

    chosen = settings()
    with opened(chosen) as database, database.transaction() as db:
        counter = add(db, office_by_key(db, office), key, name, now=clock.now())
    facts = {"id": counter.id, "key": counter.key, "name": counter.name}
    tell(facts, f"Open {chosen.origin}/kiosk/{counter.key} on the counter's screen.")


@click.command()
@click.argument("code")
@click.option("--counter", help="The counter's key; not needed when the code's owner named it.")
@as_json
@clean
def pair(code: str, counter: str | None, as_json: bool) -> None:
    """Let in the kiosk or the agent that shows CODE."""
    from bridge.counters.pairing import approve

    with opened(settings()) as database, database.transaction() as db:
        kind, found = approve(db, code, counter_key=counter, now=clock.now())
    tell({"kind": kind, "counter": found.key}, f"The {kind} belongs to {found.key} now.")
