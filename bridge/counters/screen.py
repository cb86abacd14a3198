"""What a counter's screen does by itself: it has a name signed, and takes a picture of a paper.

Its devices stand among those of the agent, and their jobs are scans; but no agent hears of them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from bridge.core.db import Db, announce
from bridge.counters.models import CounterDevice

DRIVER = "screen"
PREFIX = "screen:"


class ScreenTool(StrEnum):
    """A thing that the screen can do."""

    SIGNATURE = "signature"
    CAMERA = "camera"

    @property
    def device_id(self) -> str:
        """What jobs call it."""
        return f"{PREFIX}{self.value}"


SIGNATURE = ScreenTool.SIGNATURE.device_id
CAMERA = ScreenTool.CAMERA.device_id
# Words of their own: nobody is to find them among the scanners.
_CAPABILITIES = {ScreenTool.SIGNATURE: "sign", ScreenTool.CAMERA: "photograph"}


def is_of_screen(device_id: str) -> bool:
    """Say whether a device is the screen's own."""
    return device_id.startswith(PREFIX)


def can(db: Db, counter_id: str, tool: ScreenTool) -> bool:
    """Say whether the counter's screen can do that now."""
    row = db.get(CounterDevice, (counter_id, tool.device_id))
    return row is not None and row.is_present


def tell(db: Db, counter_id: str, tools: Collection[ScreenTool], *, now: datetime) -> None:
    """Note what the screen can do now; announced as ``devices:changed`` when that is new."""
    query = select(CounterDevice).where(
        CounterDevice.counter_id == counter_id, CounterDevice.driver == DRIVER
    )
    known = {row.id: row for row in db.scalars(query)}
    before = {row.id for row in known.values() if row.is_present}
    told = {tool.device_id: tool for tool in tools}
    for identifier, tool in told.items():
        row = known.get(identifier) or CounterDevice(counter_id=counter_id, id=identifier)
        row.driver, row.name = DRIVER, tool.value
        row.description = {"capabilities": [_CAPABILITIES[tool]]}
        row.is_present, row.seen_at = True, now
        db.add(row)
    for identifier in known.keys() - told.keys():
        known[identifier].is_present = False
    db.flush()
    if before != set(told):
        announce(db, "devices:changed", counter=counter_id)
