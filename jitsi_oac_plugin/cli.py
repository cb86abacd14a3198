"""The command ``oac-jitsi``: exit code 0 done, 1 failed, 2 a person must set something right."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import jitsi_oac_plugin
from jitsi_oac_plugin.errors import JitsiError, ServerUnknown
from jitsi_oac_plugin.rooms import new_room
from jitsi_oac_plugin.server_texts import jicofo_lines, meet_lines, prosody_lines
from jitsi_oac_plugin.tokens import ALGORITHMS, Grant, Issuer, Role, mint

DEFAULT_FILE = Path("/etc/oac/bridge.toml")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(jitsi_oac_plugin.__version__, prog_name="oac-jitsi")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help=f"The bridge's configuration; its table [meeting] is read (default {DEFAULT_FILE}).",
)
@click.pass_context
def main(context: click.Context, config_file: Path | None) -> None:
    """Set up and try out the Jitsi Meet server that carries the meetings."""
    context.obj = config_file


_config = click.option("--config", "config_file", type=click.Path(path_type=Path), help="As above.")
_domain = click.option("--domain", envvar="OAC_MEETING_DOMAIN", help="The server's host name.")
_app_id = click.option("--app-id", envvar="OAC_MEETING_APP_ID", help="What `iss` has to be.")
_secret_file = click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="File with the secret (HS256) or the private key (RS256); "
    "else OAC_MEETING_APP_SECRET, else the configuration.",
)


@main.command()
@_config
@_domain
@_app_id
@_secret_file
@click.option("--secret", envvar="OAC_MEETING_APP_SECRET", hidden=True)
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default="HS256", show_default=True)
@click.option("--key-id", help="What the server finds the public key by (RS256).")
@click.option("--room", help="The room; a new one if left out.")
@click.option("--name", default="oac-jitsi", show_default=True, help="What the others see.")
@click.option("--role", type=click.Choice([r.value for r in Role]), default="clerk")
@click.option("--minutes", type=click.IntRange(1, 1440), default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def token(context: click.Context, /, **given: Any) -> None:
    """Make a token for one person and one room, and the address that it opens."""
    try:
        issuer = _issuer(_meeting_of(given, context.obj), given)
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
        _fail(context, error)
    facts = {
        "room": grant.room,
        "token": made.text,
        "expires_at": made.expires_at.isoformat(),
        # Jitsi reads the fragment as JSON: a text without quotes is dropped.
        "address": f'https://{issuer.domain}/{grant.room}#jwt="{made.text}"',
    }
    click.echo(json.dumps(facts) if given["as_json"] else made.text)


@main.command()
@_config
@_domain
@_app_id
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def config(context: click.Context, /, **given: Any) -> None:
    """Print what a Jitsi Meet server has to be told, without the secret."""
    try:
        meeting = _meeting_of(given, context.obj)
        domain, app_id = _needed(meeting, "domain"), _needed(meeting, "app_id")
    except JitsiError as error:
        _fail(context, error)
    parts = {
        f"/etc/prosody/conf.avail/{domain}.cfg.lua": prosody_lines(domain, app_id),
        f"/etc/jitsi/meet/{domain}-config.js": meet_lines(),
        "/etc/jitsi/jicofo/jicofo.conf": jicofo_lines(),
    }
    if given["as_json"]:
        click.echo(json.dumps(parts, indent=2))
        return
    for place, lines in parts.items():
        click.echo(f"# {place}\n{lines}\n")


def _meeting_of(given: dict[str, Any], asked: Path | None) -> dict[str, Any]:
    file = given["config_file"] or asked
    meeting: dict[str, Any] = {}
    if file or DEFAULT_FILE.exists():
        meeting = _table(file or DEFAULT_FILE)
    return {
        **meeting,
        **{name: given[name] for name in ("domain", "app_id") if given[name]},
    }


def _table(file: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ServerUnknown(f"{file} cannot be read: {error}") from error
    meeting = read.get("meeting", {})
    return meeting if isinstance(meeting, dict) else {}


def _issuer(meeting: dict[str, Any], given: dict[str, Any]) -> Issuer:
    return Issuer(
        domain=_needed(meeting, "domain"),
        app_id=_needed(meeting, "app_id"),
        secret=_secret(meeting, given),
        algorithm=given["algorithm"],
        key_id=given["key_id"],
    )


def _secret(meeting: dict[str, Any], given: dict[str, Any]) -> str:
    file: Path | None = given["secret_file"]
    if file is None:
        return str(given["secret"] or _needed(meeting, "app_secret"))
    try:
        return file.read_text(encoding="ascii").strip()
    except UnicodeDecodeError as error:
        raise ServerUnknown(f"{file} holds neither a secret nor a key in PEM.") from error
    except OSError as error:
        raise ServerUnknown(f"{file} cannot be read: {error.strerror}.") from error


def _needed(meeting: dict[str, Any], name: str) -> str:
    value = meeting.get(name)
    if not isinstance(value, str) or not value:
        raise ServerUnknown(
            f"Please say meeting.{name}: in the configuration, as OAC_MEETING_{name.upper()}, "
            "or as an option."
        )
    return value


def _fail(context: click.Context, error: JitsiError) -> None:
    click.echo(f"oac-jitsi: {error}", err=True)
    context.exit(2 if isinstance(error, ServerUnknown) else 1)
