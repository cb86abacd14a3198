"""A visit on a Jitsi server: the real bridge, desk and kiosk around a stand-in for Jitsi's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.meeting.conftest import api as api  # a fixture of the neighbours
from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

    from deploy.stage.people import Citizen, Clerk, Person
    from deploy.stage.town import Town
    from tests.browser.meeting.jitsi_page import MeetHost

pytestmark = pytest.mark.browser

MEETING = {
    "OAC_MEETING_PROVIDER": "jitsi",
    "OAC_MEETING_DOMAIN": "meet.test",
    "OAC_MEETING_APP_ID": "oac",
    "OAC_MEETING_APP_SECRET": "a secret of more than thirty-two characters",
}
PATIENCE_MS = 60_000
IDLE = ["scan-idle", "print-idle", "ask-help-idle", "end-visit-idle"]
NOTICE = """([kind, label, isAnswered]) => {
    const notice = Object.values(state.notices).find(({uid, customActions}) => uid.startsWith(`${kind}:`)
        && (!label || customActions.some((one) => one.label === label)))
    if (notice && isAnswered) answerNotice(notice.uid, label)
    return notice
}"""
RESTED = """() => !document.querySelector(
    '[data-oac="job-again"][aria-disabled], [data-oac="page-again"][aria-disabled]')"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give a town whose meetings are on a Jitsi server."""
    require("browser", "chromium")
    require("sane", "scanimage")
    from tests.towns import a_town

    with a_town(tmp_path_factory.mktemp("town"), pace_s=0.5, variables=MEETING) as made:
        yield made


@dataclass
class Visit:
    """Both sides, their meeting servers and what happens in their frames."""

    citizen: Citizen
    clerk: Clerk
    theirs: MeetHost
    ours: MeetHost
    is_ending: bool = False

    def is_called(self) -> None:
        """Have the citizen take a ticket, be called and touch "Start"."""
        self.citizen.sits_down()
        self.citizen.takes_ticket("ca", "census")
        self.clerk.signs_in(next(one for one in self.clerk.town.sign_ins if one.role == "clerk"))
        self.clerk.see("queue-row")
        self.clerk.touch("call-next")
        self.citizen.touch("start-visit")

    def meets(self) -> None:
        """Have both be in the room, as its server would tell them."""
        self.is_called()
        for one, other in ((self.citizen, "clerk"), (self.clerk, "citizen")):
            frame, visit = self.frame(one), self.of(one, "join.visit")
            frame.evaluate("person => join('aabbccdd', '', person)", f"{other}-{visit}")
            one.page.locator('[data-oac="meeting"][data-state="connected"]').wait_for()

    def frame(self, one: Person) -> Frame:
        """Return a person's frame, once it was joined."""
        one.page.wait_for_function("() => document.querySelector('oac-meeting iframe')")
        frame = one.page.frames[-1]
        asked = "set-video-quality" if one is self.clerk else "is-video-muted"
        frame.wait_for_function(
            f"() => window.received?.some(({{name, request}}) => [name, request].includes('{asked}'))"
        )
        return frame

    def of(self, one: Person, path: str) -> Any:
        """Return a property of a person's meeting."""
        return one.page.evaluate(f"document.querySelector('oac-meeting').{path}")

    def waits(self, one: Person, condition: str) -> None:
        """Wait until something holds in a person's frame."""
        # A function: plain text is evaluated anew at each look, which a page may forbid.
        self.frame(one).wait_for_function(f"() => {condition}")

    def hears_hanging_up(self, page: Page) -> list[str]:
        """Return a list that says from now on when a page's frame has hung up."""
        heard: list[str] = []
        page.on("console", lambda said: said.text == "hung up" and heard.append(said.text))
        return heard

    def has_hung_up(self, page: Page, heard: list[str]) -> None:
        """Wait until the frame has said so once, which may be heard later than that it is gone."""
        if not heard:
            page.wait_for_event("console", lambda said: said.text == "hung up", timeout=PATIENCE_MS)
        assert heard == ["hung up"]

    def has_buttons(self, *ids: str) -> None:
        """Wait until the clerk's bar consists of these."""
        found = "state.config.customToolbarButtons.map(({id}) => id).join()"
        self.waits(self.clerk, f"{found} === '{','.join(ids)}'")

    def notice(self, kind: str, label: str = "") -> dict[str, Any]:
        """Wait for a notice of this kind in the clerk's frame; answer it with ``label``."""
        frame = self.frame(self.clerk)
        # It may come without this answer first, and again with it: as a page that is not checked.
        told = frame.wait_for_function(NOTICE, arg=[kind, label, False]).json_value()
        if label:
            # Right after an order its button rests, in the panel as well.
            self.clerk.page.wait_for_function(RESTED)
            frame.wait_for_function(NOTICE, arg=[kind, label, True])
        return dict(told)

    def has_no_notice(self, kind: str) -> None:
        """Wait until none of this kind is shown."""
        self.waits(
            self.clerk, f"!Object.keys(state.notices).some((one) => one.startsWith('{kind}:'))"
        )


@pytest.fixture
def visit(people: tuple[Citizen, Clerk], api: str) -> Iterator[Visit]:
    """Give a visit that begins; it is ended and the counter free again afterwards."""
    from tests.browser.meeting.jitsi_page import MeetHost

    citizen, clerk = people
    made = Visit(citizen, clerk, MeetHost(citizen.context, api), MeetHost(clerk.context, api))
    yield made
    if not made.is_ending:
        clerk.ends()
    # Where it was ended otherwise, the moment to take it back passes by itself.
    clerk.touch("close-visit")
    citizen.touch("have-all")
    citizen.see("language-ca")
    clerk.signs_out()
    assert citizen.complaints == clerk.complaints == []


def _moves(clerk: Clerk, step: str) -> None:
    clerk.touch(f"step-{step}")
    clerk.page.locator(f'[data-oac="step-{step}"][aria-current="step"]').wait_for()


def test_a_clerk_can_work_from_inside_the_meeting(visit: Visit) -> None:
    """Scan, refusal, again, accept and print: by Jitsi's buttons and notices, in the clerk's language."""
    visit.meets()
    citizen, clerk = visit.citizen, visit.clerk
    visit.has_buttons(*IDLE)
    assert (visit.of(clerk, "join.language"), visit.of(citizen, "join.language")) == ("es", "ca")
    texts = "state.config.customToolbarButtons.map(({text}) => text)"
    assert visit.frame(clerk).evaluate(texts)[0] == "Escanear"
    _moves(clerk, "scan-id")
    visit.frame(clerk).evaluate("click('scan-idle')")
    citizen.touch("consent-refuse")
    visit.notice("refused", "Intentar otra vez")
    visit.has_buttons("scan-busy", *IDLE[1:])
    citizen.touch("consent-allow")
    visit.has_no_notice("refused")
    visit.notice("scan", "Escanear otra vez")
    citizen.touch("consent-allow")
    visit.has_no_notice("scan")
    # It is the card's front: what the step wants is there with the other side.
    assert "Aceptar" not in [one["label"] for one in visit.notice("scan")["customActions"]]
    visit.has_buttons(*IDLE)
    clerk.page.wait_for_function(RESTED)
    visit.frame(clerk).evaluate("click('scan-idle')")
    citizen.touch("consent-allow")
    visit.notice("scan", "Aceptar")
    clerk.page.locator('[data-oac="step-scan-id"][data-state="done"]').wait_for()
    visit.has_no_notice("scan")
    visit.has_buttons(*IDLE)


def test_the_clerk_looks_at_a_document(visit: Visit) -> None:
    """The order goes by the bridge: camera, pixels on both sides, and a word on the screen."""
    visit.meets()
    citizen, clerk = visit.citizen, visit.clerk
    clerk.touch("look-document")
    visit.waits(citizen, "state.camera.deviceId === 'paper' && state.sent === 1080")
    visit.waits(clerk, "state.quality === 1080")
    citizen.see("camera-document")
    clerk.touch("look-document")
    visit.waits(citizen, "state.camera.deviceId === 'face' && state.sent === 720")
    visit.waits(clerk, "state.quality === 720")
    citizen.handle("camera-document").wait_for(state="detached")


def test_a_counter_without_a_document_camera_says_so(visit: Visit) -> None:
    """The clerk reads it in the panel and in the meeting; the person is seen as before."""
    visit.theirs.behaviour = {"devices": [{"deviceId": "face", "label": "HD Webcam"}]}
    visit.meets()
    visit.clerk.touch("look-document")
    told = visit.notice("camera")
    assert told["title"] == "El puesto no tiene cámara de documentos."
    visit.clerk.page.get_by_text(told["title"]).wait_for()
    assert visit.of(visit.citizen, "camera") == "person"


def test_hanging_up_in_jitsi_asks_to_end_the_visit(visit: Visit) -> None:
    """Leaving by Jitsi's own menu is the panel's own ending; both hang up before their frames go."""
    visit.meets()
    heard = [visit.hears_hanging_up(one.page) for one in (visit.citizen, visit.clerk)]
    visit.frame(visit.clerk).evaluate("click('hangup-menu')")
    visit.is_ending = True
    visit.clerk.see("close-visit")
    for one, said in zip((visit.citizen, visit.clerk), heard, strict=True):
        one.page.wait_for_function("() => !document.querySelector('oac-meeting')")
        visit.has_hung_up(one.page, said)


def test_two_windows_of_a_clerk_do_not_throw_each_other_out(visit: Visit) -> None:
    """One is in the meeting, the other one says so; it goes in when asked to, or when the first closes."""
    visit.meets()
    clerk, first = visit.clerk, visit.clerk.page
    heard = visit.hears_hanging_up(first)
    first.evaluate("() => window.sentinel = document.querySelector('oac-meeting')")
    second = clerk.context.new_page()
    second.set_default_timeout(PATIENCE_MS)
    second.goto(f"{clerk.town.url}/desk")
    second.locator('[data-oac="meeting-elsewhere"]').wait_for()
    assert second.locator("oac-meeting").count() == 0
    second.set_viewport_size({"width": 760, "height": 700})
    place = second.locator(".desk-centre").bounding_box()
    assert place is not None
    assert place["width"] >= 370  # from here on Jitsi's bar has room for all four buttons
    assert first.evaluate("() => window.sentinel.isConnected")
    second.locator('[data-oac="work-here"]').click()
    second.locator("oac-meeting iframe").wait_for()
    first.locator('[data-oac="meeting-elsewhere"]').wait_for()
    visit.has_hung_up(first, heard)
    second.close()
    first.locator("oac-meeting iframe").wait_for()


def test_a_helper_joins_from_the_hall(visit: Visit) -> None:
    """The way in stands at the counter; it opens Jitsi's own page, whose address no server reads."""
    visit.meets()
    citizen, town = visit.citizen, visit.citizen.town
    who = next(one for one in town.sign_ins if one.role == "helper")
    page = citizen.context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{town.url}/")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", who.password)
    page.locator('[data-oac="sign-in"]').click()
    with citizen.context.expect_page(timeout=PATIENCE_MS) as opened:
        page.locator('[data-oac="help-join"]').click()
    opened.value.wait_for_url("https://meet.test/**", timeout=PATIENCE_MS)
    way, _, behind = opened.value.url.partition("#")
    assert way == f"https://meet.test/{visit.of(citizen, 'join.room')}"
    assert behind.startswith("jwt=%22")
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    page.locator('[data-oac="sign-out"]').click()
    # A page that goes somewhere else at this moment may not close.
    page.locator("[name=login]").wait_for()
    page.close()


def test_a_screen_that_is_not_let_in_calls_somebody(visit: Visit) -> None:
    """After some tries the citizen reads what is wrong, and the hall is asked to come."""
    error = {"name": "conference.connectionError.notAllowed", "isFatal": True}
    visit.theirs.behaviour = {"error": error}
    visit.is_called()
    visit.citizen.page.locator('[data-oac="meeting"][data-state="failed"]').wait_for()
    wait_for_help = "() => document.querySelector('oac-kiosk').state.server.help"
    visit.citizen.page.wait_for_function(wait_for_help)
    visit.theirs.behaviour = {}
    visit.citizen.page.locator('[data-oac="meeting"]:not([data-state="failed"])').wait_for()
