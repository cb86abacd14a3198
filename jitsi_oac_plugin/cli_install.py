"""The verbs of ``oac-jitsi`` that set a server up: ``config`` says it, ``install`` does it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.cli_support import (
    algorithm_option,
    app_id_option,
    bridge_option,
    config_option,
    configuration,
    domain_option,
    fail,
    key_id_option,
    meeting_of,
    needed,
)
from jitsi_oac_plugin.errors import JitsiError, LayoutUnknown, ServerUnknown
from jitsi_oac_plugin.install import debian, keys, plan, prosody_host
from jitsi_oac_plugin.server_texts import Server
from jitsi_oac_plugin.tokens import ALGORITHMS

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_KEY_ID = re.compile(r"[A-Za-z0-9._/:-]{1,128}")
_APP_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SERVICES = ("prosody", "jicofo", "jitsi-videobridge2")
_AFTERWARDS = """\
To put it into service:
  systemctl restart prosody jicofo
  systemctl reload nginx
  systemctl restart jitsi-videobridge2    # where it runs here"""
_TO_THE_BRIDGE = """\
The bridge needs the secrets of {file} in its table [meeting], and
control_url = "http://127.0.0.1:{port}/oac" if it runs on this machine (docs/deploy.md otherwise)."""
_SIGNING = """\
It signs with algorithm = "RS256" and key_id = "{key_id}"{where}."""
_PRIVATE = f"""\
, and private_key_file = "{texts.PRIVATE_KEY_FILE}".
A bridge on another machine takes that file with it: please move it there, it is not needed here"""

# What is asked of a person, and remembered for whoever runs it again.
_ANSWERS = ("domain", "bridge", "app_id", "events_url", "public_address", "local_address")
_ANSWERS_OF_SIGNING = ("algorithm", "key_id")


@click.command()
@config_option
@domain_option
@app_id_option
@bridge_option
@algorithm_option
@key_id_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def config(context: click.Context, /, **given: Any) -> None:
    """Print what a Jitsi Meet server has to be told.

    Without the secrets, and without changing anything.
    """
    try:
        answers = _answers(given, context.obj, {})
        server = _server(answers, key_id=answers.get("key_id") or "KEY-ID")
        parts = _parts(server)
    except JitsiError as error:
        fail(context, error)
    if given["as_json"]:
        click.echo(json.dumps(parts, indent=2, ensure_ascii=False))
        return
    for place, lines in parts.items():
        click.echo(f"# {place}\n{lines}\n")


def _parts(server: Server) -> dict[str, str]:
    return {
        f"/etc/prosody/conf.avail/{server.domain}.cfg.lua, at its end": texts.prosody_lines(server),
        f"…, in plugin_paths: {texts.PLUGIN_DIR}": "",
        f"…, in modules_enabled of {server.rooms}": "; ".join(texts.ROOM_MODULES),
        f"/etc/jitsi/meet/{server.domain}-config.js, at its end": texts.meet_lines(),
        "/etc/jitsi/jicofo/jicofo.conf": texts.jicofo_lines(),
        "/etc/jitsi/videobridge/jvb.conf": texts.videobridge_lines(server),
        "nginx, inside http": texts.log_format_lines(),
        "nginx, inside the server": f"{texts.log_lines()}\n\n{texts.site_lines(server)}",
    }


@click.command()
@config_option
@domain_option
@app_id_option
@bridge_option
@algorithm_option
@key_id_option
@click.option(
    "--public-key",
    type=click.Path(path_type=Path),
    help="The bridge's public key in PEM (RS256); a pair is made if there is none.",
)
@click.option("--events-url", help="Where this server reaches the bridge, if not by --bridge.")
@click.option("--public-address", help="The videobridge's public IP address, behind NAT.")
@click.option("--local-address", help="The videobridge's own IP address, behind NAT.")
@click.option("--root", type=click.Path(path_type=Path, exists=True), default="/", hidden=True)
@click.option("--yes", is_flag=True, help="Change it without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--uninstall", is_flag=True, help="Take everything out again.")
@click.option(
    "--after-upgrade",
    is_flag=True,
    help="Put back what an upgrade took out, without a question, and restart; apt calls this.",
)
@click.pass_context
def install(context: click.Context, /, **given: Any) -> None:
    """Set up the Jitsi Meet server on this machine.

    It was made by Debian's packages of Jitsi. Shows what would change and asks first. May be run
    again at any time; what was said the first time need not be said again.
    """
    try:
        if given["uninstall"]:
            _take_out(given)
        elif given["after_upgrade"]:
            _put_back(given, context.obj)
        else:
            _put_in(given, context.obj)
    except JitsiError as error:
        fail(context, error)
    except OSError as error:
        fail(context, LayoutUnknown(f"{error.filename}: {error.strerror}; please run it as root."))


def _put_in(given: dict[str, Any], asked: Path | None) -> None:
    made, told = _plan(given, asked)
    for _, sentence in plan.changed_since(made.root):
        click.echo(f"{sentence} Remove it to get ours.")
    for remark in made.remarks:
        click.echo(remark)
    if not made.pending():
        click.echo("Everything is in place.")
        return
    click.echo("".join(made.differences()), nl=False)
    if _is_agreed(given):
        plan.apply(made, lambda: _complaint(made.root))
        click.echo(f"Done. {_AFTERWARDS}\n{told}")


def _put_back(given: dict[str, Any], asked: Path | None) -> None:
    """Say nothing when nothing is missing, and when there is no installation to look after."""
    root: Path = given["root"]
    if not plan.read_record(root)["files"]:
        return
    made, _ = _plan(given, asked)
    missing = [f"/{one.path}" for one in made.pending()]
    if missing:
        plan.apply(made, lambda: _complaint(root))
        click.echo(f"oac-jitsi: an upgrade took out ours; it is back: {', '.join(missing)}")
        _restart(root)


def _plan(given: dict[str, Any], asked: Path | None) -> tuple[plan.Plan, str]:
    """Return what has to change, and what the bridge has to be told of it."""
    root: Path = given["root"]
    answers = _answers(given, asked, plan.read_record(root)["answers"])
    answers = {"domain": answers.get("domain") or debian.find_domain(root), **answers}
    meeting = meeting_of(given, asked)
    pair = _pair(root, given, answers, meeting)
    server = _server(answers, key_id=answers.get("key_id") or (pair.key_id if pair else ""))
    secrets = {name: meeting[name] for name in texts.SECRET_NAMES if meeting.get(name)}
    made = debian.make_plan(root, server, secrets, pair)
    port = prosody_host.look_at(root, server.domain).port
    told = _TO_THE_BRIDGE.format(file=texts.SECRETS_FILE, port=port)
    if pair:
        where = _PRIVATE if pair.private else ""
        told += "\n" + _SIGNING.format(key_id=server.key_id, where=where)
    return replace(made, answers=answers), told


def _pair(
    root: Path, given: dict[str, Any], answers: dict[str, str], meeting: dict[str, Any]
) -> keys.Pair | None:
    if answers.get("algorithm") != "RS256":
        if given["public_key"]:
            raise ServerUnknown("A public key belongs to RS256: please say --algorithm RS256 too.")
        return None
    private = meeting.get("private_key_file")
    return keys.find(
        root,
        public_file=given["public_key"],
        private_file=Path(str(private)) if private else None,
    )


def _take_out(given: dict[str, Any]) -> None:
    root: Path = given["root"]
    click.echo("".join(plan.restored(root)), nl=False)
    if _is_agreed(given):
        for sentence in plan.undo(root):
            click.echo(sentence)
        click.echo(f"Done. {_AFTERWARDS}")


def _restart(root: Path) -> None:
    """Have the services read it; each only where it runs, and none when this is not the machine."""
    if root != Path("/") or shutil.which("systemctl") is None:
        return
    for order in (*(("try-restart", one) for one in _SERVICES), ("try-reload-or-restart", "nginx")):
        subprocess.run(["systemctl", *order], check=False, capture_output=True)


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


def _answers(
    given: dict[str, Any], asked: Path | None, remembered: dict[str, str]
) -> dict[str, str]:
    """Return what was said: now, in the bridge's configuration, or the last time."""
    settings, meeting = configuration(given, asked), meeting_of(given, asked)
    configured = {**meeting, "bridge": settings.get("public_url")}
    found = {}
    for name in (*_ANSWERS, *_ANSWERS_OF_SIGNING):
        value = given.get(name) or configured.get(name) or remembered.get(name)
        if value:
            found[name] = str(value)
    return found


def _server(answers: dict[str, str], *, key_id: str) -> Server:
    if not answers.get("bridge"):
        raise ServerUnknown("Please say where the bridge is: --bridge https://oac.example.org.")
    algorithm, events = answers.get("algorithm", "HS256"), answers.get("events_url")
    if algorithm not in ALGORITHMS:
        raise ServerUnknown(f"meeting.algorithm is {' or '.join(ALGORITHMS)}, not {algorithm!r}.")
    return Server(
        domain=_sound(needed(answers, "domain"), _HOST, "host name"),
        app_id=_sound(answers.get("app_id", "oac"), _APP_ID, "application id"),
        bridge=_origin(answers["bridge"]),
        events_url=_origin(events) + texts.EVENTS_PATH if events else "",
        public_address=_address(answers.get("public_address")),
        local_address=_address(answers.get("local_address")),
        algorithm=algorithm,
        key_id=_sound(key_id, _KEY_ID, "key id") if algorithm == "RS256" else "",
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
