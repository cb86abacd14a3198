"""The command ``oac-jitsi``: exit code 0 done, 1 failed, 2 a person must set something right."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import jitsi_oac_plugin
from jitsi_oac_plugin.cli_doctor import doctor
from jitsi_oac_plugin.cli_install import config, install
from jitsi_oac_plugin.cli_support import (
    algorithm_option,
    app_id_option,
    config_option,
    domain_option,
    fail,
    issuer_of,
    key_id_option,
    meeting_of,
    secret_file_option,
    secret_option,
)
from jitsi_oac_plugin.errors import JitsiError
from jitsi_oac_plugin.rooms import new_room
from jitsi_oac_plugin.tokens import Grant, Role, mint


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(jitsi_oac_plugin.__version__, prog_name="oac-jitsi")
@config_option
@click.pass_context
def main(context: click.Context, config_file: Path | None) -> None:
    """Set up and try out the Jitsi Meet server that carries the meetings."""
    context.obj = config_file


main.add_command(config)
main.add_command(doctor)
main.add_command(install)


@main.command()
@config_option
@domain_option
@app_id_option
@secret_file_option
@secret_option
@algorithm_option
@key_id_option
@click.option("--room", help="The room; a new one if left out.")
@click.option("--name", default="oac-jitsi", show_default=True, help="What the others see.")
@click.option(
    "--role",
    type=click.Choice([r.value for r in Role]),
    default="clerk",
    show_default=True,
    help="As what one enters.",
)
@click.option(
    "--minutes",
    type=click.IntRange(1, 1440),
    default=30,
    show_default=True,
    help="How long the token is good.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def token(context: click.Context, /, **given: Any) -> None:
    """Make a token for one person and one room.

    It is printed with the address that it opens.
    """
    try:
        issuer = issuer_of(meeting_of(given, context.obj), given)
        grant = Grant(
            room=given["room"] or new_room(),
            visit_id="oac-jitsi",
            person_id=f"oac-jitsi-{given['role']}",
            name=given["name"],
            role=Role(given["role"]),
            minutes=given["minutes"],
        )
        made = mint(issuer, grant, now=datetime.now(UTC))  # noqa: TID251  # a command's own clock
    except JitsiError as error:
        fail(context, error)
    facts = {
        "room": grant.room,
        "token": made.text,
        "expires_at": made.expires_at.isoformat(),
        # Jitsi reads the fragment as JSON: a text without quotes is dropped.
        "address": f'https://{issuer.domain}/{grant.room}#jwt="{made.text}"',
    }
    click.echo(json.dumps(facts) if given["as_json"] else made.text)
