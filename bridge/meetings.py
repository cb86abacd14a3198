"""Who carries the meeting of a visit: the two browsers alone, or a Jitsi server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bridge.core.config import IceServer, MeetingSettings
from jitsi_oac_plugin import Grant, Issuer, Role, mint, new_room

__all__ = ["Meetings", "Seat", "Side", "new_room"]

Side = Literal["citizen", "clerk"]
_ROLES: Mapping[Side, Role] = {"citizen": Role.CITIZEN, "clerk": Role.CLERK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One side's place in the meeting of a visit.

    ``name`` and ``peer_name`` are shown on the screens: the clerk's name, the ticket's number.
    """

    visit_id: str
    room: str
    side: Side
    name: str
    peer_name: str
    language: str


class Meetings:
    """Says how a page joins a meeting.

    Made once: a secret that is too short stops the start with ``SecretTooShort``.
    """

    def __init__(self, chosen: MeetingSettings, *, origin: str = "") -> None:
        self._chosen = chosen
        self._issuer = None
        if chosen.provider == "jitsi":
            self._issuer = Issuer(
                domain=chosen.domain,
                app_id=chosen.app_id,
                secret=chosen.app_secret,
                bridge=origin,
            )

    @property
    def provider(self) -> str:
        """The name of who carries the meetings."""
        return self._chosen.provider

    def join(self, seat: Seat, *, now: datetime) -> dict[str, object]:
        """Return the JoinInfo of ``seat``; with Jitsi it holds a token for this side alone."""
        plain: dict[str, object] = {
            "provider": self.provider,
            "visit": seat.visit_id,
            "side": seat.side,
            "name": seat.name,
            "peer_name": seat.peer_name,
        }
        if seat.side == "citizen":
            plain["document_camera"] = self._chosen.document_camera
        if self._issuer is None:
            return {**plain, "ice_servers": [_ice(one) for one in self._chosen.ice_servers]}
        grant = Grant(
            room=seat.room,
            visit_id=seat.visit_id,
            person_id=f"{seat.side}-{seat.visit_id}",
            name=seat.name,
            role=_ROLES[seat.side],
            minutes=self._chosen.token_minutes,
        )
        token = mint(self._issuer, grant, now=now)
        return {
            **plain,
            "domain": self._chosen.domain,
            "room": seat.room,
            "jwt": token.text,
            "expires_at": token.expires_at,
            "valid_s": int((token.expires_at - now).total_seconds()),
            "person": grant.person_id,
            "language": seat.language,
            "script": f"https://{self._chosen.domain}/external_api.js",
        }


def _ice(server: IceServer) -> dict[str, object]:
    plain: dict[str, object] = {"urls": list(server.urls)}
    if server.username is not None:
        plain["username"] = server.username
    if server.credential is not None:
        plain["credential"] = server.credential
    return plain
