"""Looks at everything that a counter needs to work and says what to do about what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from counter_hooks.agent import pairing
from counter_hooks.agent.config import Settings
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.encoder import require_encoder
from counter_hooks.agent.http import BridgeHttp
from counter_hooks.errors import HookError
from counter_hooks.registry import AgentRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; ``is_well`` False means that ``told`` says what to do."""

    subject: str
    is_well: bool
    told: str


def examine(
    settings: Settings, registry: AgentRegistry, directory: DeviceDirectory
) -> Iterator[Finding]:
    """Look at encoder, state folder, pairing, bridge, plugins and devices."""
    yield _tried("encoder", require_encoder)
    state = settings.state_directory
    is_ours = state.is_dir() and os.access(state, os.W_OK)
    yield Finding(
        subject="state",
        is_well=is_ours,
        told=str(state) if is_ours else f"make {state} and give it to the agent's account",
    )
    yield _tried("pairing", lambda: pairing.read(settings.token_path).counter)
    yield _tried("bridge", lambda: _bridge(settings))
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


def _bridge(settings: Settings) -> str:
    credentials = pairing.read(settings.token_path)
    http = BridgeHttp(
        settings.bridge_url or credentials.bridge_url,
        token=credentials.token,
        ca_file=settings.ca_file,
    )
    try:
        # Any answer but 401 means that the token is taken; there is no job of this name.
        http.send("GET", "api/agent/jobs/doctor/pages/1")
    finally:
        http.close()
    return http.base_url
