"""The command ``oac-agent``: exit code 0 done, 1 failed, 2 a person must set something right."""

from __future__ import annotations

import random
import signal
import threading
import time
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from counter_hooks.agent import config, pairing
from counter_hooks.agent.cli_plugins import plugins
from counter_hooks.agent.cli_support import config_option, json_option, print_json, verb
from counter_hooks.agent.config import Settings
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.errors import SettingsUnsound
from counter_hooks.agent.offers import loaded
from counter_hooks.model import Capability, Colour, Device, ScanOptions, Source
from counter_hooks.registry import AgentRegistry, own_version

LOOK_TIMEOUT_S = 20.0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(own_version(), prog_name="oac-agent")
@config_option
@click.pass_context
def main(context: click.Context, config_file: Path | None) -> None:
    """Look after the scanner and the printer of a counter."""
    context.obj = config_file


@main.command()
@click.option("--safe", is_flag=True, help="Use the built-in plugins alone.")
@verb
def run(settings: Settings, *, safe: bool) -> None:
    """Connect to the bridge and work until stopped."""
    # Imported here: the other verbs need neither sockets nor their memory.
    from counter_hooks.agent.app import Agent

    agent = Agent(
        replace(settings, safe_mode=settings.safe_mode or safe),
        credentials=pairing.read(settings.token_path),
        chance=random.Random(),  # noqa: S311 - it spreads reconnections, it guards nothing
        clock=time.monotonic,
        wall=_wall,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # In a thread: the handler interrupts the main one, which may hold the very lock it needs.
        signal.signal(number, lambda *_: threading.Thread(target=agent.stop).start())
    agent.run()


@main.command()
@click.argument("url")
@click.option("--counter", help="Key of the counter, if it is known here.")
@verb
def pair(settings: Settings, url: str, counter: str | None) -> None:
    """Pair this counter with the bridge at URL."""
    from counter_hooks.agent.http import BridgeHttp

    mistakes = config.address_mistakes(url, allow_plain_http=settings.allow_plain_http)
    if mistakes:
        raise SettingsUnsound(mistakes)
    http = BridgeHttp(url, token=None, ca_file=settings.ca_file)
    begun = pairing.begin(http, counter=counter)
    click.echo(f"The code is {begun.code}. On the bridge run: oac-bridge pair {begun.code}")
    credentials = pairing.claim(http, begun, wait=threading.Event().wait)
    try:
        pairing.store(settings.token_path, credentials)
    except OSError as error:
        raise SettingsUnsound(
            [f"token_file: {settings.token_path} cannot be written ({error.strerror})"]
        ) from error
    click.echo(f"Paired as counter {credentials.counter}. Now run: oac-agent run")


@main.command()
@json_option
@verb
def devices(settings: Settings, *, as_json: bool) -> None:
    """List the devices that are plugged in."""
    _, directory = _looked(settings)
    found = directory.devices()
    faults = {driver: fault for driver, fault in directory.faults().items() if fault}
    if as_json:
        print_json({"devices": [_plain(device) for device in found], "faults": faults})
    for device in found if not as_json else ():
        can = ", ".join(sorted(device.capabilities))
        state = f" ({device.attention.value})" if device.attention else ""
        click.echo(f"{device.id}\t{device.name}\t{can}{state}")
    for driver, fault in sorted(faults.items()) if not as_json else ():
        click.echo(f"driver {driver}: {fault}", err=True)


@main.command("test-scan")
@click.option("--device", help="Which scanner, as `oac-agent devices` names it.")
@click.option(
    "--dpi",
    type=click.IntRange(50, 4800),
    default=300,
    show_default=True,
    help="Resolution, in dots per inch.",
)
@click.option(
    "--source",
    type=click.Choice([source.value for source in Source]),
    default="glass",
    show_default=True,
    help="Where the paper lies.",
)
@click.option("--grey", is_flag=True, help="Scan in grey instead of in colour.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the pages; this one if left out.",
)
@json_option
@verb
def test_scan(
    settings: Settings,
    *,
    device: str | None,
    dpi: int,
    source: str,
    grey: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Scan without a bridge and keep the pages here."""
    from counter_hooks.agent import trials

    _, directory = _looked(settings)
    options = ScanOptions(
        resolution_dpi=dpi,
        source=Source(source),
        colour=Colour.GREY if grey else Colour.COLOUR,
    )
    found = trials.choose(directory, Capability.SCAN, device)
    _print_facts(
        trials.scan(settings, found, options, keep_in=out, clock=time.monotonic), as_json=as_json
    )


@main.command("test-print")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--device", help="Which printer, as `oac-agent devices` names it.")
@json_option
@verb
def test_print(settings: Settings, *, file: Path, device: str | None, as_json: bool) -> None:
    """Print FILE without a bridge."""
    from counter_hooks.agent import trials

    _, directory = _looked(settings)
    found = trials.choose(directory, Capability.PRINT, device)
    _print_facts(trials.print_file(settings, found, file, clock=time.monotonic), as_json=as_json)


main.add_command(plugins)


@main.command()
@json_option
@verb
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Check all that this counter needs and say what is wrong."""
    from counter_hooks.agent.doctor import examine

    findings = list(examine(settings, *_looked(settings), wall=_wall))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    for finding in findings if not as_json else ():
        mark = "ok" if finding.is_well else "wrong"
        click.echo(f"{mark:5} {finding.subject}: {finding.told}")
    # A plugin that is left out is often simply not needed at this counter.
    if any(not found.is_well and not found.subject.startswith("plugin") for found in findings):
        raise click.exceptions.Exit(1)


def _wall() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251 - time comes into the agent here


def _looked(settings: Settings) -> tuple[AgentRegistry, DeviceDirectory]:
    registry = loaded(settings)
    directory = DeviceDirectory(
        registry.register_drivers(),
        interval_s=settings.limits.discovery_s,
        on_change=lambda: None,
    )
    directory.start()
    if not directory.wait_until_looked(LOOK_TIMEOUT_S):
        click.echo("Some drivers do not answer.", err=True)
    return registry, directory


def _plain(device: Device) -> dict[str, Any]:
    return asdict(device) | {"capabilities": sorted(device.capabilities)}


def _print_facts(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            click.echo(f"{name}\t{line}")
