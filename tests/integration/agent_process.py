"""Runs the agent as a process of its own for its tests, and makes the orders that they send."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from counter_hooks.agent.pairing import Credentials, store
from tests.integration.agent_bridge import TOKEN, Bridge

PDF = b"%PDF-1.4\n" + b"x" * 200_000

StartAgent = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    """Run a small bridge."""
    made = Bridge()
    yield made
    made.stop()


@pytest.fixture
def start_agent(bridge: Bridge, tmp_path: Path) -> Iterator[StartAgent]:
    """Return a maker of agent processes over one and the same state folder.

    Plugins that a test has installed into the folder ``site`` are used beside the fake devices.
    A driver may be silent for ``silence_s``, longer than any machine stands still.
    """
    started: list[subprocess.Popen[bytes]] = []
    config = tmp_path / "agent.toml"

    def start(
        *plugins: str, page_port: int = 0, silence_s: float = 60.0, **fake: Any
    ) -> subprocess.Popen[bytes]:
        state = tmp_path / "state"
        store(state / "token.json", Credentials(bridge_url=bridge.url, counter="c1", token=TOKEN))
        fake.setdefault("output", str(tmp_path))
        table = "\n".join(f"{name} = {_toml(value)}" for name, value in fake.items())
        config.write_text(
            f'state_directory = "{state}"\nplugin_names = {["fake", *plugins]}\n'
            f"technician_port = {page_port}\n"
            f"[limits]\nretry_s = 0.5\ndiscovery_s = 0.2\nsilence_s = {silence_s}\n"
            f"[plugins.fake]\n{table}\n"
        )
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([*sys.path, str(tmp_path / "site")]),
        }
        with (tmp_path / "agent.log").open("ab") as agent_log:
            process = subprocess.Popen(
                [sys.executable, "-m", "counter_hooks.agent", "--config", str(config), "run"],
                env=environ,
                stderr=agent_log,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def scan(job: str, **options: Any) -> dict[str, Any]:
    """Return an order to scan."""
    return {"id": job, "kind": "scan", "device": "fake:scanner", "options": options}


def print_order(job: str, bridge: Bridge, content: bytes = PDF) -> dict[str, Any]:
    """Return an order to print ``content``, which the bridge holds."""
    bridge.sources[job] = content
    return {
        "id": job,
        "kind": "print",
        "device": "fake:printer",
        "options": {"copies": 1},
        "title": "Form",
        "source": {
            "href": f"api/sources/{job}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
        },
    }


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
