"""Looks at everything that a counter needs to work and says what to do about what is wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from counter_hooks.agent import pairing
from counter_hooks.agent.config import Settings
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.encoder import require_encoder
from counter_hooks.agent.http import BridgeHttp
from counter_hooks.errors import HookError
from counter_hooks.registry import AgentRegistry

MIB = 1024 * 1024
# Twenty pages of the finest scans, and a journal.
LEAST_FREE_BYTES = 300 * MIB
# Beyond that, certificates and what is written down begin to be wrong.
MOST_OFF_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; ``is_well`` False means that ``told`` says what to do."""

    subject: str
    is_well: bool
    told: str


def examine(
    settings: Settings,
    registry: AgentRegistry,
    directory: DeviceDirectory,
    *,
    wall: Callable[[], datetime],
) -> Iterator[Finding]:
    """Look at encoder, state folder, disk, pairing, bridge, clock, plugins and devices."""
    yield _tried("encoder", require_encoder)
    state = settings.state_directory
    is_ours = state.is_dir() and os.access(state, os.W_OK)
    yield Finding(
        subject="state",
        is_well=is_ours,
        told=str(state) if is_ours else f"make {state} and give it to the agent's account",
    )
    paired = _tried("pairing", lambda: pairing.read(settings.token_path).counter)
    yield paired
    if is_ours:
        yield _disk(state)
    # Who is not paired knows no bridge, and what to do about that is said already.
    if paired.is_well:
        yield from _bridge(settings, wall)
    for plugin in registry.plugins:
        yield Finding(
            subject=f"plugin {plugin.name}",
            is_well=plugin.loaded,
            told=plugin.version if plugin.loaded else plugin.reason,
        )
    for driver, fault in sorted(directory.faults().items()):
        yield Finding(subject=f"driver {driver}", is_well=not fault, told=fault or "it answers")
    devices = [device.id for device in directory.devices()]
    yield Finding(
        subject="devices",
        is_well=bool(devices),
        told=", ".join(devices) or "none is plugged in, or no plugin knows it",
    )


def _tried(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject=subject, is_well=True, told=look())
    except HookError as error:
        return Finding(subject=subject, is_well=False, told=str(error))


def _disk(state: Path) -> Finding:
    free = shutil.disk_usage(state).free
    return Finding(
        subject="disk",
        is_well=free >= LEAST_FREE_BYTES,
        told=f"{free // MIB} MiB are free"
        + ("" if free >= LEAST_FREE_BYTES else f"; make room until {LEAST_FREE_BYTES // MIB} are"),
    )


def _bridge(settings: Settings, wall: Callable[[], datetime]) -> Iterator[Finding]:
    """Look whether the bridge takes our token, and by its answer whether our clock is right."""
    began = wall()
    try:
        response = _asked(settings)
    except HookError as error:
        yield Finding(subject="bridge", is_well=False, told=str(error))
        return
    yield Finding(subject="bridge", is_well=True, told=response.url.partition("api/")[0])
    try:
        theirs = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return
    if theirs.tzinfo is None:
        # "-0000" is UTC as well, of a sender that does not say where it is (RFC 5322).
        theirs = theirs.replace(tzinfo=UTC)
    off_s = abs((began - theirs).total_seconds())
    is_right = off_s <= MOST_OFF_S
    yield Finding(
        subject="clock",
        is_well=is_right,
        told="it goes right"
        if is_right
        else f"it is {round(off_s)} s off the bridge's; have it set from the network (timedatectl)",
    )


def _asked(settings: Settings) -> requests.Response:
    credentials = pairing.read(settings.token_path)
    http = BridgeHttp(
        settings.bridge_url or credentials.bridge_url,
        token=credentials.token,
        ca_file=settings.ca_file,
    )
    try:
        # Any answer but 401 means that the token is taken; there is no job of this name.
        return http.send("GET", "api/agent/jobs/doctor/pages/1")
    finally:
        http.close()
