"""What tells the bridge how jobs go outlives whatever goes wrong."""

from __future__ import annotations

import threading
from pathlib import Path
from random import SystemRandom

from counter_hooks.agent.errors import TokenRevoked
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.link import Link
from counter_hooks.agent.retries import Backoff
from counter_hooks.model import Device
from counter_hooks.wire import JobOrder, Offer


class Stumbling:
    """A desk that cannot say what is plugged in the first time that it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.asked_again = threading.Event()

    def devices(self) -> list[Device]:
        """Raise what nobody expects, and then not."""
        self.asked += 1
        if self.asked == 1:
            raise LookupError
        self.asked_again.set()
        return []

    def offer(self) -> Offer:
        """Offer nothing."""
        return Offer()

    def take_order(self, order: JobOrder) -> dict[str, object]:
        """Take it."""
        return {"ok": True}

    def cancel(self, job_id: str) -> None:
        """Stop nothing."""

    def refresh_devices(self) -> None:
        """Look for nothing."""

    def revoked(self, error: TokenRevoked) -> None:
        """Go on."""

    def online(self) -> None:
        """Look after nothing."""


def test_what_nobody_expects_is_tried_again(tmp_path: Path) -> None:
    """The one thread that tells reports is there after any error, and tells what is due."""
    desk = Stumbling()
    journal = Journal(tmp_path / "journal.sqlite")
    link = Link(
        bridge_url="http://127.0.0.1:9",
        token="t",
        version="1",
        ca_file=None,
        journal=journal,
        desk=desk,
        backoff=Backoff(maximum_s=1, chance=SystemRandom()),
    )
    telling = threading.Thread(target=link._tell, daemon=True)  # noqa: SLF001 - without a bridge
    link._is_online = True  # noqa: SLF001 - as above
    link.devices_changed()
    telling.start()
    assert desk.asked_again.wait(30)
    link.stop()
    telling.join(30)
    assert not telling.is_alive()
    journal.close()
