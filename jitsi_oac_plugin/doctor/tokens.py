"""The tokens that are tried at a server: good ones, and every kind that has to be refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import jwt

from jitsi_oac_plugin.doctor.findings import NotChecked
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.rooms import new_room
from jitsi_oac_plugin.tokens import Grant, Issuer, Role, mint

_NAME = "oac-jitsi doctor"


class Tokens:
    """Makes tokens for rooms that exist for the length of a check."""

    def __init__(self, issuer: Issuer, now: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._now = now

    def clerk(self, room: str) -> str:
        """Return a good token that moderates."""
        return self._made(room, role=Role.CLERK)

    def citizen(self, room: str) -> str:
        """Return a good token that does not moderate."""
        return self._made(room, role=Role.CITIZEN)

    def wildcard(self, room: str) -> str:
        """Return a well signed token for any room: Jitsi takes it, our module does not."""
        return self._signed({**self._claims(room), "room": "*"})

    def expired(self, room: str) -> str:
        """Return a token of yesterday."""
        return self._made(room, now=self._now() - timedelta(days=1))

    def early(self, room: str) -> str:
        """Return a token of tomorrow."""
        return self._made(room, now=self._now() + timedelta(days=1))

    def other_room(self, _room: str) -> str:
        """Return a token for another room."""
        return self._made(new_room())

    def other_issuer(self, room: str) -> str:
        """Return a token of an application that the server does not know."""
        return self._made(room, issuer=replace(self._issuer, app_id=f"not-{self._issuer.app_id}"))

    def unsigned(self, room: str) -> str:
        """Return a token without a signature."""
        return jwt.encode(self._claims(room), "", algorithm="none")

    def forged(self, room: str) -> str:
        """Return a token signed with another key."""
        claims = self._claims(room)
        if self._issuer.algorithm == "HS256":
            return jwt.encode(claims, new_room() + new_room(), algorithm="HS256")
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        key = generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(claims, key, algorithm="RS256", headers=self._headers)

    @property
    def _headers(self) -> dict[str, Any] | None:
        return {"kid": self._issuer.key_id} if self._issuer.key_id else None

    def _made(
        self,
        room: str,
        *,
        role: Role = Role.CLERK,
        issuer: Issuer | None = None,
        now: datetime | None = None,
    ) -> str:
        grant = Grant(
            room=room,
            visit_id="oac-doctor",
            person_id=f"oac-doctor-{role}",
            name=_NAME,
            role=role,
            minutes=5,
        )
        return mint(issuer or self._issuer, grant, now=now or self._now()).text

    def _claims(self, room: str) -> dict[str, Any]:
        # Our own token, made a moment ago: there is nothing to verify.
        return dict(jwt.decode(self._made(room), options={"verify_signature": False}))

    def _signed(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(
            dict(claims),
            self._issuer.secret,
            algorithm=self._issuer.algorithm,
            headers=self._headers,
        )


def tokens_of(server: Server) -> Tokens:
    """Return what makes tokens. Raises ``NotChecked`` where nothing can sign them."""
    issuer = server.target.issuer
    if issuer is None:
        raise NotChecked("give meeting.app_id and the secret, so that tokens can be tried.")
    return Tokens(issuer, server.target.now)
