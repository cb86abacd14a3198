"""A day at a counter whose meetings are carried by a Jitsi server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.makers import House
from tests.meeting_server import Reports, Server, post_of
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World


@dataclass
class Meeting:
    """The room of a visit as its server tells of it."""

    world: World
    server: Server
    reports: Reports = field(default_factory=Reports)
    visit: str = ""
    room: str = ""

    @property
    def house(self) -> House:
        """The bridge."""
        return self.world.house

    def begins(self, citizen: Citizen, clerk: Clerk) -> Meeting:
        """Have a citizen called and seated; nobody is in the room yet."""
        self.world.sit(citizen, clerk)
        return self.of(clerk)

    def of(self, clerk: Clerk) -> Meeting:
        """Know the room of the visit that a clerk has in hand."""
        self.visit = clerk.visit()["id"]
        join = clerk.browser.get(f"/api/visits/{self.visit}/meeting").get_json()
        self.room = join["room"]
        return self

    def tells(self, kind: str, nick: str = "", side: str = "", **more: object) -> Answer:
        """Report that something happened in the room."""
        person = f"{side}-{self.visit}" if side else "stranger"
        return self.posts(self.reports.event(kind, self.room, nick, person, **more))

    def joins(self, side: str, nick: str = "") -> Answer:
        """Report that somebody came in."""
        return self.tells("occupant:joined", nick or f"{side}-nick", side)

    def leaves(self, side: str, nick: str = "") -> Answer:
        """Report that a connection went."""
        return self.tells("occupant:left", nick or f"{side}-nick", side)

    def posts(self, *events: dict[str, Any], **more: Any) -> Answer:
        """Post some events."""
        return self.posts_body(self.reports.body(*events), **more)

    def posts_body(self, body: bytes, **more: Any) -> Answer:
        """Post whatever it is, signed well unless told otherwise."""
        at = more.pop("at", self.house.clock())
        headers = more.pop("headers", None) or post_of(body, at=at, **more)
        answer = self.house.browser().post("/api/meeting/events", data=body, headers=headers)
        return Answer(answer.status_code, answer.get_json(silent=True) or {})

    def meets(self) -> None:
        """Have both come in."""
        assert self.joins("citizen").status == 204
        assert self.joins("clerk").status == 204

    def sweeps(self, **span: float) -> None:
        """Let time pass, and have everything done that is due."""
        self.house.clock.go(**span)
        self.house.app.sweeper.sweep()
        self.house.app.errands.sweep()
