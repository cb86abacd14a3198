"""The verb ``oac-jitsi doctor``: exit code 0 all is well, 1 something to mend, 2 not told enough."""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from jitsi_oac_plugin.cli_support import (
    algorithm_option,
    app_id_option,
    bridge_option,
    config_option,
    configuration,
    domain_option,
    fail,
    issuer_of,
    key_id_option,
    meeting_of,
    needed,
    secret_file_option,
    secret_option,
)
from jitsi_oac_plugin.errors import JitsiError, ServerUnknown
from jitsi_oac_plugin.tokens import Issuer

if TYPE_CHECKING:
    from jitsi_oac_plugin.doctor import Finding, Target

_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[1-9][0-9]{0,4})?")


@click.command()
@config_option
@domain_option
@app_id_option
@secret_file_option
@secret_option
@algorithm_option
@key_id_option
@bridge_option
@click.option(
    "--control-url",
    envvar="OAC_MEETING_CONTROL_URL",
    help="Where our module in Prosody takes orders from the bridge.",
)
@click.option("--address", default="", help="IP address to connect to, instead of asking the DNS.")
@click.option(
    "--ca",
    "ca_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificate of an authority to trust as well (PEM).",
)
@click.option("--insecure", is_flag=True, help="Accept any certificate.")
@click.option(
    "--ours",
    multiple=True,
    metavar="HOST",
    help="Another host of the town, which is no third party; may be given several times.",
)
@click.option(
    "--receive",
    default="",
    metavar="ADDRESS:PORT",
    help="Listen here for the server's events in place of the bridge, which gets them later.",
)
@click.option(
    "--limit",
    type=click.FloatRange(1, 60),
    default=10,
    show_default=True,
    help="How many seconds an answer may take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(context: click.Context, /, **given: Any) -> None:
    """Check a live Jitsi Meet server from outside.

    Says what to mend; the exit code is 1 if there is anything.
    """
    # Imported here: no other verb needs these libraries.
    from jitsi_oac_plugin.doctor import Outcome, examine

    try:
        target = _target(given, context.obj)
    except JitsiError as error:
        fail(context, error)
    findings = asyncio.run(examine(target))
    if given["as_json"]:
        facts = {"domain": target.domain, "findings": [asdict(one) for one in findings]}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        _print(target, findings)
    if any(one.outcome is Outcome.MEND for one in findings):
        context.exit(1)


def _target(given: dict[str, Any], asked: Path | None) -> Target:
    from jitsi_oac_plugin.doctor import Target

    settings, meeting = configuration(given, asked), meeting_of(given, asked)
    domain = needed(meeting, "domain")
    if not _DOMAIN.fullmatch(domain) or int(domain.partition(":")[2] or 443) > 65535:
        raise ServerUnknown("meeting.domain is a host name, with a port if it is not 443.")
    return Target(
        domain=domain.lower(),
        now=lambda: datetime.now(UTC),  # noqa: TID251  # a command's own clock
        address=given["address"],
        issuer=_issuer(meeting, given),
        bridge=_origin(given["bridge"] or settings.get("public_url") or ""),
        control_url=_text(given["control_url"] or meeting.get("control_url")),
        control_secret=_secret(meeting, "control_secret"),
        events_secret=_secret(meeting, "events_secret"),
        receive_at=given["receive"],
        ca_file=_authority(given["ca_file"]),
        insecure=given["insecure"],
        ours=tuple(one.lower() for one in given["ours"]),
        limit_s=given["limit"],
    )


def _issuer(meeting: dict[str, Any], given: dict[str, Any]) -> Issuer | None:
    """Return who signs; None where nothing at all was said of it: much can be seen without."""
    named = ("app_id", "app_secret", "private_key_file")
    if not (given["secret"] or given["secret_file"] or any(meeting.get(one) for one in named)):
        return None
    return issuer_of(meeting, given)


def _origin(url: Any) -> str:
    text = _text(url).rstrip("/")
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        raise ServerUnknown("The bridge's address has the form https://oac.example.org.")
    return text


def _secret(meeting: dict[str, Any], name: str) -> str:
    variable = f"OAC_MEETING_{name.upper()}"
    return os.environ.get(variable) or _text(meeting.get(name))  # noqa: TID251  # the program's edge


def _authority(file: Path | None) -> Path | None:
    if file:
        try:
            ssl.create_default_context(cafile=file)
        except (OSError, ssl.SSLError) as error:
            raise ServerUnknown(f"{file} holds no certificate in PEM.") from error
    return file


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _by_reason(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    """Return the findings in their order; what was not looked at for one reason stands together."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        own = "" if one.outcome == "unchecked" else one.check
        groups.setdefault((own, one.told), []).append(one)
    return [(told, checks) for (_, told), checks in groups.items()]


def _print(target: Target, findings: list[Finding]) -> None:
    if target.insecure:
        click.echo("Certificates are not checked, as asked by --insecure.")
    if target.ca_file:
        click.echo(f"The authority in {target.ca_file} is trusted; do all browsers trust it too?")
    for told, checks in _by_reason(findings):
        click.echo(f"{checks[0].outcome:9}  {', '.join(one.check for one in checks)}: {told}")
    counts = dict.fromkeys(("ok", "mend", "unchecked"), 0)
    for one in findings:
        counts[one.outcome] += 1
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    click.echo(f"{target.domain}: {said}")
