"""Fixtures of the bridge's upper half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Clock, House, make_house, settings_in
from tests.meeting_server import Server, jitsi_settings, running
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import World


@pytest.fixture
def world(house: House) -> World:
    """Give a bridge with queue and visits, and nobody in it yet."""
    return World(house)


@pytest.fixture
def server() -> Iterator[Server]:
    """Give the control of a Jitsi server without rooms."""
    with running(Server()) as one:
        yield one


@pytest.fixture
def meeting(tmp_path: Path, clock: Clock, server: Server) -> Iterator[Meeting]:
    """Give a day at a counter whose meetings that server carries."""
    settings = settings_in(tmp_path / "jitsi", **jitsi_settings(server.url))
    made = make_house(settings, clock)
    yield Meeting(World(made), server)
    made.close()
