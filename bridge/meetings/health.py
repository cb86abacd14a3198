"""Whether the meeting server can be relied on, looked at before anybody needs it."""

from __future__ import annotations

import logging
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bridge.core.clock import monotonic_s
from bridge.core.config import MeetingSettings
from jitsi_oac_plugin.errors import ControlRefused, ServerUnreachable
from jitsi_oac_plugin.servers import MODULE_SERIES, Control

log = logging.getLogger(__name__)

Reason = Literal["down", "slow", "version-unknown", "events-missing"]

TIMEOUT_S = 3.0
# A person notices a page that needs longer for its first answer.
SLOW_S = 1.5
# Events younger than this are on their way, or wait for the next attempt.
LATE_EVENTS_S = 45.0
# What still works well enough to begin a visit.
_GOOD_ENOUGH: frozenset[Reason | None] = frozenset({None, "slow"})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the server is, and since when."""

    provider: str
    reason: Reason | None
    since: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether a visit may begin with it."""
        return self.reason in _GOOD_ENOUGH

    def plain(self) -> dict[str, object]:
        """Return it as pages and monitoring are shown it."""
        return {
            "provider": self.provider,
            "is_ready": self.is_ready,
            "reason": self.reason,
            "since": self.since,
        }


class Health:
    """What was found at the last look. Everything it remembers may be lost.

    ``last_taken_at`` says when the server's last event arrived, at whichever of the bridge's
    processes; ``tell`` is called when the state is another one than before.
    """

    def __init__(
        self,
        chosen: MeetingSettings,
        control: Control | None,
        *,
        last_taken_at: Callable[[], datetime | None],
        tell: Callable[[State], None],
    ) -> None:
        self._chosen = chosen
        self._control = control
        self._last_taken_at = last_taken_at
        self._tell = tell
        self._lock = threading.Lock()
        self._missed_at: datetime | None = None
        self._state = State(provider=chosen.provider, reason=None, since=None)

    @property
    def state(self) -> State:
        """How the server was at the last look; nothing is known to be wrong before the first."""
        return self._state

    def note_missed(self, now: datetime) -> None:
        """Somebody is or is not in a room, and no event said so."""
        with self._lock:
            self._missed_at = now

    def look(self, now: datetime) -> None:
        """Look how the server is."""
        if self._chosen.provider != "jitsi":
            return
        reason, why = self._ask()
        if reason is not None:  # one answer that is lost or late is no trouble yet
            reason, why = self._ask()
        if reason in _GOOD_ENOUGH and self._are_events_missing():
            reason, why = "events-missing", "people come and go, and no event says so"
        if reason == self._state.reason and self._state.since is not None:
            return
        was = self._state.reason
        self._state = State(provider=self._chosen.provider, reason=reason, since=now)
        if reason is not None:
            log.warning("the meeting server is %s: %s", reason, why)
        elif was is not None:
            log.warning("the meeting server is as it should be again")
        if reason != was:
            self._tell(self._state)

    def _ask(self) -> tuple[Reason | None, str]:
        return self._ask_page() if self._control is None else self._ask_module(self._control)

    def _ask_module(self, control: Control) -> tuple[Reason | None, str]:
        began_s = monotonic_s()
        try:
            status = control.status()
        except ServerUnreachable as error:
            return "down", str(error)
        except ControlRefused as error:
            is_broken = int(str(error.facts.get("status", 0))) >= 500
            return "down" if is_broken else "version-unknown", str(error)
        if not status.module.startswith(MODULE_SERIES):
            return "version-unknown", f"its module is of version {status.module}"
        if (status.oldest_s or 0) > LATE_EVENTS_S:
            return "events-missing", status.last_error or "they wait at the server"
        return _slowness(monotonic_s() - began_s)

    def _ask_page(self) -> tuple[Reason | None, str]:
        url = f"https://{self._chosen.domain}/external_api.js"
        began_s = monotonic_s()
        try:
            # A server of the town's own, by the address that its browsers use.
            with urllib.request.urlopen(  # https only, from the settings
                url, timeout=TIMEOUT_S, context=ssl.create_default_context()
            ) as answer:
                answer.read(1)
        except urllib.error.HTTPError as error:
            error.close()
            return "down", f"{url} answers {error.code}"
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            return "down", f"{url} does not answer ({type(reason).__name__})"
        return _slowness(monotonic_s() - began_s)

    def _are_events_missing(self) -> bool:
        with self._lock:
            missed_at = self._missed_at
        if missed_at is None or not self._chosen.events_secret:
            return False
        taken_at = self._last_taken_at()
        return taken_at is None or taken_at < missed_at


def _slowness(took_s: float) -> tuple[Reason | None, str]:
    return ("slow", f"it took {took_s:.1f} s to answer") if took_s > SLOW_S else (None, "")
