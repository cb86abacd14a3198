"""A person's page with a meeting on a Jitsi server that is played by the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Frame, Route

    from tests.browser.meeting.browsers import Person
    from tests.browser.meeting.relay import Relay

HERE = Path(__file__).resolve().parent
ORIGIN = "https://meet.test"
ROOM = f"{ORIGIN}/room-1"
NOTHING = '<script id="behaviour" type="application/json">{}</script>'


class MeetHost:
    """The server `meet.test` as a browser sees it.

    ``behaviour`` is what every frame does that is opened from now on, see ``stand_in.js``;
    while ``is_away`` the server cannot be reached.
    """

    def __init__(self, context: BrowserContext, api: str) -> None:
        self.behaviour: dict[str, Any] = {}
        self.is_away = False
        self.asked: list[str] = []
        self._api = api
        context.route(f"{ORIGIN}/**", self._serve)

    def tokens(self) -> list[str]:
        """Return the tokens that rooms were opened with, oldest first."""
        queries = [parse_qs(urlsplit(one).query) for one in self.asked]
        return [one["jwt"][0] for one in queries if "jwt" in one]

    def _serve(self, route: Route) -> None:
        url = route.request.url
        self.asked.append(url)
        if self.is_away:
            route.abort("connectionrefused")
        elif urlsplit(url).path == "/external_api.js":
            route.fulfill(body=self._api, content_type="text/javascript")
        elif url.endswith("/stand_in.js"):
            body = (HERE / "stand_in.js").read_text()
            route.fulfill(body=body, content_type="text/javascript")
        else:
            page = (HERE / "stand_in.html").read_text()
            assert NOTHING in page
            wanted = NOTHING.replace("{}", json.dumps(self.behaviour))
            route.fulfill(body=page.replace(NOTHING, wanted), content_type="text/html")


class Jitsi:
    """A page with nothing but a meeting, and the frame in it."""

    def __init__(self, person: Person, relay: Relay, api: str, side: str) -> None:
        self.person = person
        self.side = side
        person.opens(f"{relay.address}/room?side={side}&provider=jitsi")
        self.host = MeetHost(person.context, api)

    @property
    def peer(self) -> str:
        """The other side's person, as tokens call it."""
        return f"{'citizen' if self.side == 'clerk' else 'clerk'}-visit-1"

    def joins(self, jwt: str, **fields: object) -> None:
        """Give the meeting a way in with this token."""
        script = "([jwt, fields]) => { meeting.join = jitsiJoin(jwt, fields) }"
        self.person.page.evaluate(script, [jwt, fields])

    def keeps_joining(self) -> None:
        """Give it a way in, and another token whenever it asks for one."""
        self.person.page.evaluate("keepJoining()")

    def meets(self) -> Frame:
        """Join, and have the other side there; return the frame."""
        self.host.behaviour.setdefault("others", [["aabbccdd", "", self.peer]])
        self.keeps_joining()
        self.person.is_in("connected")
        return self.frame()

    def is_back(self, jwt: str = "token-2") -> Frame:
        """Wait until it is connected with this token; return the new frame."""
        self.person.until(lambda: self.tokens()[-1:] == [jwt])
        self.person.is_in("connected")
        return self.frame()

    def tokens(self) -> list[str]:
        """Return the tokens that rooms were opened with, oldest first."""
        return self.host.tokens()

    def frame(self) -> Frame:
        """Return the meeting's frame, once it has been joined."""

        def found() -> Frame | None:
            frames = [one for one in self.person.page.frames if one.url.startswith(ROOM)]
            return frames[-1] if frames and self.person.heard("joined") else None

        frame: Frame = self.person.until(found)
        return frame

    def wire(self, name: str, *, least: int = 1) -> list[list[Any]]:
        """Return the arguments of the commands of this name, once there are as many."""

        def found() -> list[list[Any]] | None:
            every = self.frame().evaluate("received")
            those = [one["data"] for one in every if one.get("name") == name]
            return those if len(those) >= least else None

        commands: list[list[Any]] = self.person.until(found)
        return commands

    def wire_requests(self, name: str) -> list[dict[str, Any]]:
        """Return the questions of this name that Jitsi's page was asked so far."""
        every: list[dict[str, Any]] = self.frame().evaluate("received")
        return [one for one in every if one.get("request") == name]

    def state(self, name: str) -> Any:
        """Return a part of what Jitsi's page is in now."""
        return self.frame().evaluate("name => state[name]", name)

    def becomes(self, name: str, wanted: object) -> None:
        """Wait until that part is as wanted."""
        self.person.until(lambda: self.state(name) == wanted)

    def caption(self) -> str:
        """Return what is said over the picture."""
        return self.person.page.locator(".meeting-caption").inner_text()
