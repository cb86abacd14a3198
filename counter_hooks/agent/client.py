"""The Socket.IO client of the agent's link."""

from __future__ import annotations

import threading
from typing import Any

import socketio


class Client(socketio.Client):  # type: ignore[misc]
    """A client whose messages keep their parts together and who hangs up without waiting.

    A message with an attachment is several packets; python-socketio leaves it to its user that no
    other thread, nor its own acknowledgements, comes between them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._sending = threading.Lock()

    def _send_packet(self, pkt: Any) -> None:
        with self._sending:
            super()._send_packet(pkt)

    def disconnect(self) -> None:
        """Hang up; python-engineio's writer can miss that and would be waited for half a minute."""
        self.eio.disconnect(abort=True)
