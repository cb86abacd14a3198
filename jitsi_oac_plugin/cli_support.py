"""What every verb of ``oac-jitsi`` shares: the bridge's configuration, and how to fail."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NoReturn

import click

from jitsi_oac_plugin.errors import JitsiError, LayoutUnknown, ServerUnknown
from jitsi_oac_plugin.tokens import ALGORITHMS, Issuer

DEFAULT_FILE = Path("/etc/oac/bridge.toml")

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help=f"The bridge's configuration, with its table [meeting] (default {DEFAULT_FILE}).",
)
domain_option = click.option(
    "--domain", envvar="OAC_MEETING_DOMAIN", help="The server's host name."
)
app_id_option = click.option(
    "--app-id", envvar="OAC_MEETING_APP_ID", help="The application id: what `iss` has to be."
)
bridge_option = click.option(
    "--bridge", envvar="OAC_PUBLIC_URL", help="The bridge's origin: https://oac.example.org."
)

algorithm_option = click.option(
    "--algorithm", type=click.Choice(ALGORITHMS), help="How tokens are signed; HS256 if left out."
)
key_id_option = click.option(
    "--key-id", help="The name under which the server finds the public key (RS256)."
)
secret_file_option = click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="File with the secret (HS256) or the private key (RS256); "
    "else OAC_MEETING_APP_SECRET, else the configuration.",
)
secret_option = click.option("--secret", envvar="OAC_MEETING_APP_SECRET", hidden=True)


def configuration(given: dict[str, Any], asked: Path | None) -> dict[str, Any]:
    """Return the bridge's whole configuration; empty when there is none."""
    file = given["config_file"] or asked
    if not file and not DEFAULT_FILE.exists():
        return {}
    try:
        return tomllib.loads((file or DEFAULT_FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise ServerUnknown(f"{file or DEFAULT_FILE} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ServerUnknown(f"{file or DEFAULT_FILE} cannot be read: {error}") from error


def meeting_of(given: dict[str, Any], asked: Path | None) -> dict[str, Any]:
    """Return the table [meeting], with what was given as options in its place."""
    meeting = configuration(given, asked).get("meeting", {})
    return {
        **(meeting if isinstance(meeting, dict) else {}),
        **{name: given[name] for name in ("domain", "app_id") if given[name]},
    }


def needed(meeting: dict[str, Any], name: str) -> str:
    """Return a setting that a verb cannot do without."""
    value = meeting.get(name)
    if not isinstance(value, str) or not value:
        raise ServerUnknown(
            f"Please say meeting.{name}: in the configuration, as OAC_MEETING_{name.upper()}, "
            "or as an option."
        )
    return value


def issuer_of(meeting: dict[str, Any], given: dict[str, Any]) -> Issuer:
    """Return who signs the tokens."""
    return Issuer(
        domain=needed(meeting, "domain"),
        app_id=needed(meeting, "app_id"),
        secret=_secret(meeting, given),
        algorithm=given["algorithm"] or meeting.get("algorithm") or "HS256",
        key_id=given["key_id"] or meeting.get("key_id") or None,
    )


def _secret(meeting: dict[str, Any], given: dict[str, Any]) -> str:
    file: Path | None = given["secret_file"]
    if file is None and not given["secret"] and meeting.get("private_key_file"):
        file = Path(str(meeting["private_key_file"]))
    if file is None:
        return str(given["secret"] or needed(meeting, "app_secret"))
    try:
        return file.read_text(encoding="ascii").strip()
    except UnicodeDecodeError as error:
        raise ServerUnknown(f"{file} holds neither a secret nor a key in PEM.") from error
    except OSError as error:
        raise ServerUnknown(f"{file} cannot be read: {error.strerror}.") from error


def fail(context: click.Context, error: JitsiError) -> NoReturn:
    """Say what is wrong; exit with 2 when a person must set something right, else 1."""
    click.echo(f"oac-jitsi: {error}", err=True)
    context.exit(2 if isinstance(error, ServerUnknown | LayoutUnknown) else 1)
