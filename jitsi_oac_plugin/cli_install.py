"""The verbs of ``oac-jitsi`` that set a server up: ``config`` says it, ``install`` does it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.cli_support import (
    app_id_option,
    bridge_option,
    config_option,
    configuration,
    domain_option,
    fail,
    meeting_of,
    needed,
)
from jitsi_oac_plugin.errors import JitsiError, LayoutUnknown, ServerUnknown
from jitsi_oac_plugin.install import debian, plan
from jitsi_oac_plugin.server_texts import Server

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_APP_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_AFTERWARDS = """\
To put it into service:
  systemctl restart prosody jicofo
  systemctl reload nginx
  systemctl restart jitsi-videobridge2    # where it runs here"""
_TO_THE_BRIDGE = """\
The bridge needs the three secrets of {file} in its table [meeting], and
control_url = "http://127.0.0.1:5280/oac" if it runs on this machine (docs/deploy.md otherwise)."""


@click.command()
@config_option
@domain_option
@app_id_option
@bridge_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def config(context: click.Context, /, **given: Any) -> None:
    """Print what a Jitsi Meet server has to be told, without the secrets."""
    try:
        server = _server(given, context.obj, domain="")
    except JitsiError as error:
        fail(context, error)
    parts = {
        f"/etc/prosody/conf.avail/{server.domain}.cfg.lua, at its end": texts.prosody_lines(server),
        f"…, in plugin_paths: {texts.PLUGIN_DIR}": "",
        f"…, in modules_enabled of {server.rooms}": "; ".join(texts.ROOM_MODULES),
        f"/etc/jitsi/meet/{server.domain}-config.js, at its end": texts.meet_lines(),
        "/etc/jitsi/jicofo/jicofo.conf": texts.jicofo_lines(),
        "/etc/jitsi/videobridge/jvb.conf": texts.videobridge_lines(server),
        "nginx, inside http": texts.log_format_lines(),
        "nginx, inside the server": f"{texts.log_lines()}\n\n{texts.site_lines(server)}",
    }
    if given["as_json"]:
        click.echo(json.dumps(parts, indent=2, ensure_ascii=False))
        return
    for place, lines in parts.items():
        click.echo(f"# {place}\n{lines}\n")


@click.command()
@config_option
@domain_option
@app_id_option
@bridge_option
@click.option("--events-url", help="Where this server reaches the bridge, if not by --bridge.")
@click.option("--public-address", help="The videobridge's public IP address, behind NAT.")
@click.option("--local-address", help="Its own IP address then.")
@click.option("--root", type=click.Path(path_type=Path, exists=True), default="/", hidden=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--uninstall", is_flag=True, help="Take everything out again.")
@click.pass_context
def install(context: click.Context, /, **given: Any) -> None:
    """Set up the Jitsi Meet server on this machine, made by Debian's packages of Jitsi.

    Shows what would change and asks first. May be run again at any time, after an upgrade too.
    """
    try:
        if given["uninstall"]:
            _take_out(given)
        else:
            _put_in(given, context.obj)
    except JitsiError as error:
        fail(context, error)
    except OSError as error:
        fail(context, LayoutUnknown(f"{error.filename}: {error.strerror}; please run it as root."))


def _put_in(given: dict[str, Any], asked: Path | None) -> None:
    root: Path = given["root"]
    server = _server(given, asked, domain=given["domain"] or debian.find_domain(root))
    meeting = meeting_of(given, asked)
    secrets = {name: meeting[name] for name in texts.SECRET_NAMES if meeting.get(name)}
    made = debian.make_plan(root, server, secrets)
    for _, sentence in plan.changed_since(root):
        click.echo(f"{sentence} Remove it to get ours.")
    for remark in made.remarks:
        click.echo(remark)
    if not made.pending():
        click.echo("Everything is in place.")
        return
    click.echo("".join(made.differences()), nl=False)
    if _is_agreed(given):
        plan.apply(made, lambda: _complaint(root))
        click.echo(f"Done. {_AFTERWARDS}\n{_TO_THE_BRIDGE.format(file=texts.SECRETS_FILE)}")


def _take_out(given: dict[str, Any]) -> None:
    root: Path = given["root"]
    click.echo("".join(plan.restored(root)), nl=False)
    if _is_agreed(given):
        for sentence in plan.undo(root):
            click.echo(sentence)
        click.echo(f"Done. {_AFTERWARDS}")


def _is_agreed(given: dict[str, Any]) -> bool:
    if given["dry_run"]:
        click.echo("Nothing was changed.")
        return False
    if given["yes"] or click.confirm("Make these changes?"):
        return True
    click.echo("Nothing was changed.")
    return False


def _complaint(root: Path) -> str:
    """Return what nginx says against its new configuration; only this machine's can be asked."""
    if root != Path("/") or shutil.which("nginx") is None:
        return ""
    tried = subprocess.run(["nginx", "-t", "-q"], check=False, capture_output=True, text=True)
    return tried.stderr.strip() or "nginx -t failed" if tried.returncode else ""


def _server(given: dict[str, Any], asked: Path | None, *, domain: str) -> Server:
    meeting = {"app_id": "oac", **meeting_of(given, asked)}
    meeting["domain"] = domain or needed(meeting, "domain")
    bridge = given["bridge"] or configuration(given, asked).get("public_url")
    if not bridge:
        raise ServerUnknown("Please say where the bridge is: --bridge https://oac.example.org.")
    if meeting.get("algorithm", "HS256") != "HS256":
        raise ServerUnknown(
            "This sets up a shared secret (HS256); for RS256 please see docs/deploy.md."
        )
    return Server(
        domain=_sound(meeting["domain"], _HOST, "host name"),
        app_id=_sound(needed(meeting, "app_id"), _APP_ID, "application id"),
        bridge=_origin(bridge),
        events_url=_origin(given.get("events_url")) + texts.EVENTS_PATH
        if given.get("events_url")
        else "",
        public_address=_address(given.get("public_address")),
        local_address=_address(given.get("local_address")),
    )


def _sound(text: str, pattern: re.Pattern[str], what: str) -> str:
    """Return ``text`` if it can stand in four configuration languages as it is."""
    if not pattern.fullmatch(text):
        raise ServerUnknown(f"{text!r} cannot be a {what}: please use letters, digits and dots.")
    return text


def _address(text: str | None) -> str:
    try:
        return str(ip_address(text)) if text else ""
    except ValueError as error:
        raise ServerUnknown(f"{text!r} is not an IP address such as 192.0.2.1.") from error


def _origin(text: str | None) -> str:
    parts = urlsplit(text or "")
    is_origin = parts.scheme in ("https", "http") and not parts.path.strip("/") and not parts.query
    if not is_origin or not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc):
        raise ServerUnknown(f"{text!r} is not an origin such as https://oac.example.org.")
    return f"{parts.scheme}://{parts.netloc}"
