"""The meeting on a Jitsi server: the real IFrame API against a stand-in for Jitsi's own page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.browser.meeting.iframe_api import NotToBeHad, external_api
from tests.browser.meeting.relay import Relay
from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Route

    from tests.browser.meeting.browsers import Person

pytestmark = pytest.mark.browser

HERE = Path(__file__).resolve().parent
ROOM = "https://meet.test/room-1"


class Jitsi:
    """A person's page with a meeting on `meet.test`, and what that server was asked for."""

    def __init__(self, person: Person, relay: Relay, api: str, side: str) -> None:
        self.person = person
        self._api = api
        self.asked: list[str] = []
        person.opens(f"{relay.address}/room?side={side}&provider=jitsi")
        person.context.route("https://meet.test/**", self._serve)

    def joins(self, jwt: str) -> None:
        """Give the meeting a way in with this token."""
        self.person.page.evaluate("jwt => { meeting.join = jitsiJoin(jwt) }", jwt)

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

    def config(self) -> dict[str, Any]:
        """Return the configuration that the frame was opened with."""
        pairs = (one.split("=", 1) for one in urlsplit(self.frame().url).fragment.split("&"))
        return {
            key.removeprefix("config."): json.loads(unquote(value))
            for key, value in pairs
            if key.startswith("config.")
        }

    def _serve(self, route: Route) -> None:
        url = route.request.url
        self.asked.append(url)
        if url.endswith("/external_api.js"):
            route.fulfill(body=self._api, content_type="text/javascript")
        elif url.endswith("/stand_in.js"):
            body = (HERE / "stand_in.js").read_text()
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body=(HERE / "stand_in.html").read_text(), content_type="text/html")


@pytest.fixture
def jitsi(relay: Relay, person: Callable[..., Person]) -> Callable[[str], Jitsi]:
    """Return a maker of meetings for a side."""
    require("node", "node")
    try:
        api = external_api()
    except NotToBeHad as reason:
        pytest.skip(str(reason))
    return lambda side: Jitsi(person(side), relay, api, side)


def test_the_clerk_joins_with_token_language_and_buttons(jitsi: Callable[[str], Jitsi]) -> None:
    """The room is opened with jwt and lang; our buttons stand in every length of the main bar."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    query = parse_qs(urlsplit(clerk.frame().url).query)
    assert query["jwt"] == ["first"]
    assert query["lang"] == ["ca"]
    config = clerk.config()
    assert config["toolbarButtons"] == ["microphone", "camera", "hangup"]
    ids = [one["id"] for one in config["customToolbarButtons"]]
    assert ids == ["scan-idle", "print-idle", "ask-help-idle"]
    assert all(
        one["icon"].startswith("data:image/svg+xml") for one in config["customToolbarButtons"]
    )
    lengths = [len(one) for one in config["mainToolbarButtons"]]
    assert lengths == [10, 9, 8, 7, 6, 5, 4, 3, 2]
    assert all(one[:2] == ids[:2] for one in config["mainToolbarButtons"])


def test_clicks_and_hanging_up_reach_the_page(jitsi: Callable[[str], Jitsi]) -> None:
    """A button in Jitsi's bar is a `meeting-button`; hanging up asks for the end of the visit."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    for key in ("scan-idle", "ask-help-idle", "hangup", "hangup-menu", "chat"):
        frame.evaluate("key => click(key)", key)
    clerk.person.until(lambda: len(clerk.person.heard("button")) >= 4)
    pressed = [event["id"] for event in clerk.person.heard("button")]
    assert pressed == ["scan", "ask-help", "end-visit", "end-visit"]


def test_a_changed_button_is_a_new_one(jitsi: Callable[[str], Jitsi]) -> None:
    """Jitsi never redraws a button of the same id, so that another state comes with another id."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    clerk.frame()
    clerk.person.page.evaluate("meeting.buttons = [{id: 'scan', text: 'Scanning', state: 'busy'}]")
    (config,) = clerk.wire("overwrite-config")[-1]
    assert [one["id"] for one in config["customToolbarButtons"]] == ["scan-busy"]
    clerk.frame().evaluate("click('scan-busy')")
    assert clerk.person.until(lambda: clerk.person.heard("button")) == [{"id": "scan"}]


def test_the_peer_decides_the_state(jitsi: Callable[[str], Jitsi]) -> None:
    """Alone one waits; with the other the meeting is connected; without again it comes back."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    clerk.person.is_in("connecting")
    frame.evaluate("join('aabbccdd', 'Counter 1')")
    clerk.person.is_in("connected")
    frame.evaluate("leave('aabbccdd')")
    clerk.person.is_in("reconnecting")


def test_a_fatal_error_makes_the_meeting_anew(jitsi: Callable[[str], Jitsi]) -> None:
    """The frame goes, the page is asked for a fresh way in, and the room is opened with it."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    clerk.frame().evaluate("fatal()")
    clerk.person.until(lambda: clerk.person.heard("needs-join"))
    assert clerk.person.page.locator("iframe").count() == 0
    clerk.joins("second")
    clerk.person.until(lambda: len(clerk.person.heard("joined")) == 2)
    assert parse_qs(urlsplit(clerk.frame().url).query)["jwt"] == ["second"]


def test_the_citizen_sees_nothing_but_the_clerk(jitsi: Callable[[str], Jitsi]) -> None:
    """The counter's meeting has no button, no prejoin page and no self view of Jitsi's."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    config = citizen.config()
    assert config["toolbarButtons"] == []
    assert config["prejoinConfig"] == {"enabled": False}
    assert config["disableSelfView"] is True
    assert "customToolbarButtons" not in config


def test_a_pause_mutes_both_and_only_once(jitsi: Callable[[str], Jitsi]) -> None:
    """Pausing mutes sound and picture in Jitsi's page; the end of the pause gives them back."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    frame = citizen.frame()
    citizen.person.page.evaluate("meeting.paused = true")
    citizen.wire("toggle-video")
    assert frame.evaluate("muted") == {"audio": True, "video": True}
    citizen.person.page.evaluate("meeting.paused = false")
    citizen.wire("toggle-video", least=2)
    assert frame.evaluate("muted") == {"audio": False, "video": False}


def test_leaving_hangs_up_before_the_frame_goes(jitsi: Callable[[str], Jitsi]) -> None:
    """The room is left on purpose, so that no ghost stays in it."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    citizen.frame()
    page = citizen.person.page
    page.evaluate("""() => {
      window.hungUp = false
      window.addEventListener('message', ({data}) => { hungUp ||= data.includes('video-ready-to-close') })
      meeting.join = null
    }""")
    page.locator("iframe").wait_for(state="detached")
    assert page.evaluate("hungUp")
    assert citizen.person.heard("needs-join") == []


def test_a_notice_is_shown_and_answered(jitsi: Callable[[str], Jitsi]) -> None:
    """A notice becomes Jitsi's own, and the answer to it comes back with its key."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    notice = {
        "key": "scan-ready",
        "title": "Scan ready",
        "actions": [{"id": "keep", "text": "Keep"}],
    }
    clerk.person.page.evaluate("notice => meeting.notify(notice)", notice)
    (shown,) = clerk.wire("show-notification")[-1]
    uuid = shown["customActions"][0]["uuid"]
    frame.evaluate("id => tell('custom-notification-action-triggered', {data: {id}})", uuid)
    answers = clerk.person.until(lambda: clerk.person.heard("action"))
    assert answers == [{"key": "scan-ready", "action": "keep"}]


def test_a_script_from_elsewhere_is_not_loaded(jitsi: Callable[[str], Jitsi]) -> None:
    """A way in whose script is not the meeting server's is refused and said."""
    clerk = jitsi("clerk")
    clerk.person.page.evaluate(
        "meeting.join = {...jitsiJoin('first'), script: 'https://evil.test/external_api.js'}"
    )
    clerk.person.until(lambda: clerk.person.heard("error"))
    assert clerk.person.heard("error")[0] == {"key": "meeting-script-foreign"}
    assert clerk.asked == []
