"""What the doctor is told: which server, as whom, and how far it may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jitsi_oac_plugin.tokens import Issuer

HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server to look at, and what is known of it.

    ``domain`` is what browsers open, with a port if it has one. ``address`` is connected to
    instead of what the name resolves to. ``issuer`` signs the tokens to try; without it only a
    missing token is tried. ``ours`` are further hosts that belong to the town. ``receive_at`` is
    where a receiver for the server's events may be opened for a moment. ``is_outside`` says
    whether ports that must be closed are looked at; None: unless the address is a loopback one.
    """

    domain: str
    now: Callable[[], datetime]
    address: str = ""
    issuer: Issuer | None = None
    bridge: str = ""
    control_url: str = ""
    control_secret: str = field(default="", repr=False)
    events_secret: str = field(default="", repr=False)
    receive_at: str = ""
    ca_file: Path | None = None
    insecure: bool = False
    ours: tuple[str, ...] = ()
    limit_s: float = 10.0
    quiet_s: float = 1.5
    turn_tls_port: int = HTTPS
    prosody_ports: tuple[int, ...] = (5280, 5281)
    is_outside: bool | None = None

    @property
    def host(self) -> str:
        """The name without the port."""
        return self.domain.partition(":")[0]

    @property
    def port(self) -> int:
        """The port that browsers connect to."""
        port = self.domain.partition(":")[2]
        return int(port) if port else HTTPS

    @property
    def origin(self) -> str:
        """The meeting's origin, as browsers say it."""
        return f"https://{self.domain}"
