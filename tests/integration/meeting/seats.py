"""Citizen and clerk in the room of their visit, by XMPP, with the tokens that the bridge gives."""

from __future__ import annotations

import contextlib
from itertools import count
from typing import Any, Self

import jwt
import websocket

from tests.integration.prosody.people import Person
from tests.integration.prosody.server import APP_SECRET, MeetingServer
from tests.integration.visit.people import Citizen, Clerk

_nicks = count(1)


class Sitting:
    """One visit, and the connections that its two have to the room."""

    def __init__(self, server: MeetingServer, citizen: Citizen, clerk: Clerk) -> None:
        self.server, self.citizen, self.clerk = server, citizen, clerk
        self.visit = self.room = ""
        self.tokens: list[str] = []
        self._people: list[Person] = []

    def begins(self) -> Self:
        """Have a ticket taken and called, and the citizen sit down."""
        self.citizen.takes_ticket("census")
        self.visit = self.clerk.calls_next()
        self.citizen.sees("the call", lambda state: state["ticket"]["state"] == "called")
        self.citizen.post("/api/kiosk/arrival")
        self.room = str(self.way_in("clerk")["room"])
        return self

    def way_in(self, side: str) -> dict[str, Any]:
        """Return the JoinInfo of a side."""
        path = f"/api/visits/{self.visit}/meeting"
        page = self.citizen if side == "citizen" else self.clerk
        join = page.do("GET", "/api/kiosk/meeting" if side == "citizen" else path)
        self.tokens.append(str(join["jwt"]))
        return join

    def enters(self, side: str) -> tuple[Person, str]:
        """Have a side's page join the room; return its connection and its nick."""
        person, nick = self.knocks(str(self.way_in(side)["jwt"]))
        assert nick, "the server let nobody in"
        return person, nick

    def knocks(self, token: str | None) -> tuple[Person, str]:
        """Try to join with a token; the nick is empty for whoever is not let in."""
        person, nick = Person(self.server.port, token), f"nick{next(_nicks):04d}"
        self._people.append(person)
        return person, "" if person.join(self.room, nick) else nick

    def expired(self, side: str) -> str:
        """Return a side's token as it is after its minutes."""
        claims = jwt.decode(self.way_in(side)["jwt"], options={"verify_signature": False})
        return jwt.encode(claims | {"exp": claims["nbf"] + 1}, APP_SECRET, algorithm="HS256")

    def both_enter(self) -> tuple[Person, str]:
        """Have both in, and the ticket being served; return the citizen's connection and nick."""
        self.enters("clerk")
        citizen = self.enters("citizen")
        self.sees_ticket("serving")
        return citizen

    def sees_ticket(self, wanted: str) -> None:
        """Wait until the desk shows the ticket so."""
        self.clerk.sees(wanted, lambda state: state["visit"]["ticket"]["state"] == wanted)

    def sees_citizen(self, *, is_there: bool) -> None:
        """Wait until the desk shows that the citizen is in the meeting, or is not."""
        self.clerk.sees(
            f"the citizen: {is_there}", lambda state: state["visit"]["citizen_joined"] is is_there
        )

    def everybody_goes(self) -> None:
        """Close every page that is still open."""
        for person in self._people:
            # A goodbye to a server that has closed the line fails, and would leave it open here.
            with contextlib.suppress(OSError, websocket.WebSocketException):
                person.close()
            person.vanish()
