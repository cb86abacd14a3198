"""What the agent finds out about its counter, and shows to whoever stands before it."""

from __future__ import annotations

import json
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from counter_hooks.agent.config import Settings
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.doctor import examine
from counter_hooks.agent.offers import loaded
from counter_hooks.agent.pairing import Credentials, store
from tests.integration.agent_bridge import TOKEN, Bridge
from tests.integration.agent_process import StartAgent, bridge, start_agent
from tests.support import own_ports

__all__ = ["bridge", "start_agent"]


@pytest.mark.parametrize(("off", "is_right"), [(0, True), (3600, False), (-3600, False)])
def test_a_wrong_clock_is_found(
    bridge: Bridge, tmp_path: Path, *, off: int, is_right: bool
) -> None:
    """The clock is held against the bridge's; an hour too early or too late is told, with a remedy."""
    settings = Settings(state_directory=tmp_path, plugin_names=("fake",))
    store(settings.token_path, Credentials(bridge_url=bridge.url, counter="c1", token=TOKEN))
    registry = loaded(settings)
    directory = DeviceDirectory(registry.register_drivers(), interval_s=60, on_change=lambda: None)
    directory.start()
    assert directory.wait_until_looked(60)
    now = datetime.now(UTC) + timedelta(seconds=off)
    found = {one.subject: one for one in examine(settings, registry, directory, wall=lambda: now)}
    directory.stop()
    assert found["clock"].is_well is is_right
    assert ("timedatectl" in found["clock"].told) is not is_right
    assert {"encoder", "state", "disk", "pairing", "bridge", "devices"} <= found.keys()


class Placeless(BaseHTTPRequestHandler):
    """Answers with a date that does not say where the server is."""

    def do_GET(self) -> None:
        """Answer that there is nothing."""
        self.send_response_only(404)
        self.send_header("Date", format_datetime(datetime.now(UTC).replace(tzinfo=None)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_a_date_without_a_place_is_as_good(tmp_path: Path) -> None:
    """A bridge whose ``Date`` ends with -0000 has its clock looked at like any other."""
    server = HTTPServer(("127.0.0.1", 0), Placeless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    settings = Settings(state_directory=tmp_path, plugin_names=("fake",))
    store(settings.token_path, Credentials(bridge_url=url, counter="c1", token=TOKEN))
    registry = loaded(settings)
    directory = DeviceDirectory(registry.register_drivers(), interval_s=60, on_change=lambda: None)
    try:
        found = examine(settings, registry, directory, wall=lambda: datetime.now(UTC))
        assert {one.subject: one.is_well for one in found}["clock"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_running_agent_shows_how_it_stands(bridge: Bridge, start_agent: StartAgent) -> None:
    """Its own page has connection, devices and the self-test, whose troubles the bridge hears of."""
    port = own_ports()
    start_agent(page_port=port, fault="device-gone")

    def status() -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status.json", timeout=60) as answer:
            return dict(json.load(answer))

    bridge.wait(lambda: bridge.offers and "devices" in bridge.offers[-1]["troubles"])
    shown = status()
    assert (shown["counter"], shown["is_online"], shown["devices"]) == ("c1", True, [])
    assert any(one["subject"] == "devices" and not one["is_well"] for one in shown["findings"])
