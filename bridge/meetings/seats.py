"""Who carries the meeting of a visit: the two browsers alone, a Jitsi server, or the telephone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from bridge.core.config import IceServer, MeetingSettings
from jitsi_oac_plugin import Grant, Issuer, Role, mint, new_room

__all__ = ["Meetings", "Place", "Provider", "Seat", "Side", "new_room"]

Provider = Literal["jitsi", "direct", "phone"]
# The two that a meeting is for.
Side = Literal["citizen", "clerk"]
# Everybody who may have a place in it.
Place = Literal["citizen", "clerk", "helper", "interpreter", "supervisor"]
_PLACES: dict[str, Place] = {place: place for place in get_args(Place)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody's place in the meeting of a visit.

    ``name`` and ``peer_name`` are shown on the screens: the clerk's name, the ticket's number.
    ``who`` tells two of one kind apart: a server may take them for one who came back.
    """

    visit_id: str
    room: str
    provider: Provider
    side: Place
    name: str
    peer_name: str
    language: str
    who: str = ""


class Meetings:
    """Says how a page joins a meeting; ``origin`` is the bridge's own, which tokens name.

    Made once: a key or secret that is no good stops the start with a ``JitsiError``.
    """

    def __init__(self, chosen: MeetingSettings, *, origin: str = "") -> None:
        self._chosen = chosen
        self._issuer = _issuer(chosen, origin) if chosen.provider == "jitsi" else None

    @property
    def provider(self) -> Provider:
        """Who carries a meeting unless the clerk chooses otherwise."""
        return self._chosen.provider

    @property
    def choices(self) -> tuple[Provider, ...]:
        """Every way in which a visit can go on here."""
        others: tuple[Provider, ...] = ("direct", "phone")
        return others if self._issuer is None else ("jitsi", *others)

    @property
    def server(self) -> str:
        """What the Jitsi server calls itself in its events."""
        return self._chosen.domain.partition(":")[0]

    @property
    def script(self) -> str:
        """Where a page gets the Jitsi server's IFrame API, which it may load before it joins."""
        return f"https://{self._chosen.domain}/external_api.js"

    @property
    def events_secret(self) -> str:
        """What the Jitsi server signs its events with; empty when it sends none."""
        return self._chosen.events_secret if self._issuer else ""

    def is_told(self, provider: str) -> bool:
        """Say whether the server tells who is in such a meeting, so that no page is believed."""
        return provider == "jitsi" and bool(self.events_secret)

    def phone_of(self, counter_key: str) -> str | None:
        """Return the telephone number at a counter, None when nobody wrote it down."""
        return self._chosen.phones.get(counter_key)

    def join(self, seat: Seat, *, now: datetime) -> dict[str, object]:
        """Return the JoinInfo of ``seat``; with Jitsi it holds a token for this seat alone."""
        plain: dict[str, object] = {
            "provider": seat.provider,
            "visit": seat.visit_id,
            "side": seat.side,
            "name": seat.name,
            "peer_name": seat.peer_name,
        }
        if seat.provider == "phone":
            return plain
        if seat.side == "citizen":
            plain["document_camera"] = self._chosen.document_camera
        if seat.provider == "direct" or self._issuer is None:
            return {**plain, "ice_servers": [_ice(one) for one in self._chosen.ice_servers]}
        return plain | self._room_of(seat, self._issuer, now=now)

    def _room_of(self, seat: Seat, issuer: Issuer, *, now: datetime) -> dict[str, object]:
        grant = Grant(
            room=seat.room,
            visit_id=seat.visit_id,
            person_id=person_of(seat.side, seat.visit_id, seat.who),
            name=seat.name,
            role=Role(seat.side),
            minutes=self._chosen.token_minutes,
        )
        token = mint(issuer, grant, now=now)
        return {
            "domain": self._chosen.domain,
            "room": seat.room,
            "jwt": token.text,
            "expires_at": token.expires_at,
            "valid_s": int((token.expires_at - now).total_seconds()),
            "person": grant.person_id,
            "language": seat.language,
            "script": self.script,
        }


def person_of(side: Place, visit_id: str, who: str = "") -> str:
    """Return what a token calls somebody: no name, and the same after every rejoining."""
    return f"{side}-{visit_id}-{who}" if who else f"{side}-{visit_id}"


def place_of(person: str, visit_id: str) -> Place | None:
    """Return whose place a token was for, None when it was for no place in this visit."""
    side, _, rest = person.partition("-")
    visit, _, who = rest.partition("-")
    is_theirs = visit == visit_id and not (who and side in get_args(Side))
    return _PLACES.get(side) if is_theirs else None


def _issuer(chosen: MeetingSettings, origin: str) -> Issuer:
    file = chosen.private_key_file
    is_rsa = chosen.algorithm == "RS256" and file is not None
    return Issuer(
        domain=chosen.domain,
        app_id=chosen.app_id,
        secret=file.read_text(encoding="ascii") if is_rsa and file else chosen.app_secret,
        algorithm=chosen.algorithm,
        key_id=chosen.key_id or None,
        bridge=origin,
    )


def _ice(server: IceServer) -> dict[str, object]:
    plain: dict[str, object] = {"urls": list(server.urls)}
    if server.username is not None:
        plain["username"] = server.username
    if server.credential is not None:
        plain["credential"] = server.credential
    return plain
