"""How a scanner was last used with success: what the next scan begins with. Nothing personal."""

from __future__ import annotations

from bridge.core.db import Db
from bridge.counters.models import CounterDevice, DeviceJob

REMEMBERED = ("resolution_dpi", "colour", "source")


def remember(db: Db, job: DeviceJob) -> None:
    """Keep how a good scan was made with its device."""
    device = db.get(CounterDevice, (job.counter_id, job.device_id))
    if job.kind == "scan" and job.replaces_page_id is None and device is not None:
        chosen = {name: job.options[name] for name in REMEMBERED if name in job.options}
        if chosen != device.last_choice:
            device.last_choice = chosen
