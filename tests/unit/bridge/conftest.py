"""Fixtures of the bridge's upper half."""

from __future__ import annotations

import pytest

from tests.makers import House
from tests.unit.bridge.visit_world import World


@pytest.fixture
def world(house: House) -> World:
    """Give a bridge with queue and visits, and nobody in it yet."""
    return World(house)
