"""The control of a Jitsi server, by its module ``mod_oac_counter`` (docs/meeting-server.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from jitsi_oac_plugin.errors import ControlRefused, ServerUnreachable
from jitsi_oac_plugin.webhooks import Occupant

if TYPE_CHECKING:
    import httpx

Shape = TypeVar("Shape")
# The versions of the module that this client understands.
MODULE_SERIES = "1."
_GONE = b'"no-such-'


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """How the module is: ``time`` is the server's clock, ``spool`` the events not yet taken.

    ``oldest_s`` is the age of the oldest of them, ``last_error`` why the last post failed.
    """

    module: str
    prosody: str
    server: str
    time: float
    rooms: int
    spool: int
    oldest_s: float | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    room: str
    occupants: tuple[Occupant, ...]


class Control:
    """Ends rooms, removes and lists people, and tells pages something.

    ``url`` is the module's address without a slash at the end, as
    ``http://127.0.0.1:5280/oac``. Every method raises ``ServerUnreachable`` when no answer comes
    within ``timeout_s``, and ``ControlRefused`` when it is a refusal. May be used by many threads.
    """

    def __init__(self, url: str, secret: str, timeout_s: float = 3.0) -> None:
        # Imported here: a bridge whose meetings are direct does without its memory.
        import httpx

        self._url = url.rstrip("/")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {secret}"},
            timeout=timeout_s,
            # A loopback address is nothing for a proxy, and the secret is for nobody else.
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def status(self) -> ServerStatus:
        """Return how the module is."""
        return _decode(ServerStatus, self._ask("GET", "status"))

    def occupants(self, room: str) -> tuple[Occupant, ...] | None:
        """Return who is in the room, the server's own helpers left out; None when there is none."""
        answer = self._ask("GET", _place(room))
        return None if _is_gone(answer) else _decode(_Room, answer).occupants

    def end_room(self, room: str, *, reason: str = "") -> bool:
        """Close the room and send everybody out; return whether there was one."""
        return not _is_gone(self._ask("DELETE", _place(room), {"reason": reason}))

    def remove(self, room: str, nick: str, *, reason: str = "") -> bool:
        """Send one person out; return whether the person was there."""
        place = f"{_place(room)}/occupants/{quote(nick, safe='')}"
        return not _is_gone(self._ask("DELETE", place, {"reason": reason}))

    def tell(self, room: str, message: Mapping[str, object], *, to: str | None = None) -> bool:
        """Send a message to the page of one person, or of all; return whether anybody is there."""
        body = {"to": to, "message": dict(message)}
        return not _is_gone(self._ask("POST", f"{_place(room)}/messages", body))

    def _ask(
        self, method: str, place: str, body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        import httpx

        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content else {}
        try:
            answer = self._http.request(
                method, f"{self._url}/{place}", content=content, headers=kind
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerUnreachable(
                f"The Jitsi server does not answer at {self._url}; please look whether it runs.",
                error=type(error).__name__,
            ) from error
        if answer.is_success or _is_gone(answer):
            return answer
        raise _refusal(answer, self._url)


def _place(room: str) -> str:
    return f"rooms/{quote(room, safe='')}"


def _is_gone(answer: httpx.Response) -> bool:
    # Without the module Prosody says 404 as well, in its own words: then nothing was done.
    return answer.status_code == 404 and _GONE in answer.content


def _refusal(answer: httpx.Response, url: str) -> ControlRefused:
    status = answer.status_code
    if status in (401, 403):
        text = "The Jitsi server refuses meeting.control_secret; please set the same at both."
    elif status == 404:
        text = f"At {url} the module mod_oac_counter does not answer; please look if it is loaded."
    else:
        text = f"The Jitsi server answers {status}; its log says why."
    return ControlRefused(text, status=status)


def _decode(shape: type[Shape], answer: httpx.Response) -> Shape:
    try:
        return TypeAdapter(shape).validate_json(answer.content, strict=True)
    except ValidationError as error:
        raise ControlRefused(
            "What answers is not the module mod_oac_counter of this version.",
            status=answer.status_code,
        ) from error
