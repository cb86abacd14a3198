"""The citizen's screens in a real visit: read, touched and worked by keyboard, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import require

if TYPE_CHECKING:
    from deploy.stage.people import Citizen, Clerk
    from deploy.stage.town import Town

pytestmark = pytest.mark.browser

COUNT_NOTES = """() => {
  window.notes = 0
  const { start } = AudioScheduledSourceNode.prototype
  AudioScheduledSourceNode.prototype.start = function (...given) {
    window.notes += 1
    return start.apply(this, given)
  }
}"""
STATE = """(state) => {
  const kiosk = document.querySelector('oac-kiosk')
  const { server } = kiosk.state
  kiosk.update({language: null, server: {
    ...server,
    counter: {...server.counter, state: state.counter ?? 'idle'},
    office: {...server.office, is_open: state.isOpen ?? true},
  }})
}"""
SHOW = "(fields) => document.querySelector('oac-kiosk').update(fields)"
NOT_DONE = {"text": "It did not work. Your clerk knows.", "isDone": False}
CLERKS = """(clerks) => {
  const kiosk = document.querySelector('oac-kiosk')
  const { server } = kiosk.state
  kiosk.update({server: {...server, office: {...server.office, clerks}}})
}"""
MEETING = "(fields) => document.querySelector('oac-meeting').update(fields)"
PARKED = """() => {
  const kiosk = document.querySelector('oac-kiosk')
  const { server } = kiosk.state
  kiosk.update({server: {...server, ticket: {...server.ticket, state: 'parked'}}})
}"""
PACE_S = 40.0


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    """Give a town hall, a citizen who sat down and a clerk who signed in."""
    require("browser", "chromium")
    require("browser", module="playwright")
    require("sane", "scanimage")
    require("sane", "gcc")
    require("cups", "ippeveprinter")
    from deploy.stage.people import two_browsers
    from tests.towns import a_town

    with (
        a_town(tmp_path / "town", pace_s=PACE_S) as town,
        two_browsers(town, tmp_path) as (citizen, clerk),
    ):
        yield Visit(town, citizen, clerk)


class Visit:
    """One visit, told in the order in which it happens. The citizen has only a keyboard."""

    def __init__(self, town: Town, citizen: Citizen, clerk: Clerk) -> None:
        from tests.browser.kiosk_looks import Looks

        self.town = town
        self.citizen = citizen
        self.clerk = clerk
        self.page = citizen.page
        self.looks = Looks(citizen.page)

    def presses(self, selector: str) -> None:
        """Reach it with the tabulator and press Enter."""
        self.page.locator(selector).first.wait_for()
        for _ in range(24):
            if self.page.evaluate("(one) => document.activeElement.matches(one)", selector):
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the tabulator does not reach {selector}")

    def before_anybody_comes(self) -> None:
        """Show what a place says that is not open, in all languages at once."""
        self.citizen.sits_down()
        self.looks.at("language")
        for name, state in (
            ("preparing", {"counter": "offline"}),
            ("unavailable", {"counter": "out_of_service"}),
            ("closed", {"isOpen": False}),
        ):
            self.page.evaluate(STATE, state)
            screen = self.page.locator(f'[data-oac="{name}"]')
            screen.wait_for()
            assert screen.locator("[lang]").count() == 3
            self.looks.at(name)
        self.page.evaluate(STATE, {})
        self.page.evaluate(SHOW, {"isUnpaired": True, "code": "K7QF-2M9D"})
        self.citizen.see("pairing-code")
        assert self.page.locator('[data-oac="pairing"] [lang]').count() == 3
        self.looks.at("pairing")
        self.page.evaluate(SHOW, {"isUnpaired": False, "code": None, "isLinkLost": True})
        assert self.page.locator('[data-oac="link-lost"] [lang]').count() == 3
        self.looks.at("no connection")
        self.page.evaluate(SHOW, {"isLinkLost": False})
        missed = {"number": "A001", "language": "ca", "state": "called"}
        self.page.evaluate(SHOW, {"missed": missed})
        self.citizen.see("missed")
        self.looks.at("missed")
        self.page.evaluate(SHOW, {"missed": None})

    def takes_ticket(self) -> None:
        """Choose and wait."""
        self.presses('[data-oac="language-ca"]')
        self.citizen.see("procedure-census")
        self.looks.at("errands")
        self.presses('[data-oac="procedure-census"]')
        self.page.locator('[data-oac="take-ticket"]:enabled').wait_for()
        self.looks.at("errand chosen")
        self.presses('[data-oac="take-ticket"]')
        self.citizen.see("ticket-number")
        self.page.evaluate(CLERKS, 0)
        self.looks.at("waiting while nobody attends")
        self.page.evaluate(CLERKS, 1)
        self.looks.at("waiting")

    def is_called(self) -> None:
        """Hear two notes, once, and see it."""
        self.clerk.signs_in(next(one for one in self.town.sign_ins if one.role == "clerk"))
        self.clerk.see("queue-row")
        self.page.evaluate(COUNT_NOTES)
        self.clerk.touch("call-next")
        self.citizen.see("called")
        self.looks.at("called")
        assert self.page.evaluate("window.notes") == 2
        self.presses('[data-oac="start-visit"]')

    def meets(self) -> None:
        """See the clerk large, and one caption at most."""
        self.citizen.sees_moving_picture(5)
        self.page.locator('.meeting-room[data-state="connected"]').wait_for()
        clerk = self.page.locator(".clerk").bounding_box()
        assert clerk is not None
        assert clerk["width"] >= 0.54 * 1280
        assert clerk["height"] >= 0.7 * 800
        self.looks.at("first step")
        self.page.evaluate(MEETING, {"serverOff": ["audio", "video"]})
        self.looks.at("nothing of the clerk is seen or heard")
        self.page.evaluate(MEETING, {"serverOff": [], "meeting": "reconnecting"})
        self.looks.at("reconnecting")
        assert self.page.locator(".clerk [role=status] p:visible").count() == 1
        self.page.evaluate(MEETING, {"meeting": "connected"})

    def goes_to(self, key: str) -> None:
        """Let the clerk begin another step."""
        self.clerk.touch("step-done")
        self.clerk.touch(f"step-{key}")
        self.page.locator(f'[data-oac="step-current"][data-step="{key}"]').wait_for()

    def reads_step(self) -> None:
        """Read a step, and once more in large letters."""
        self.goes_to("scan-id")
        self.looks.at("step")
        self.presses(".larger")
        self.page.locator('[data-large="yes"]').wait_for()
        self.looks.at("step in large letters")
        self.presses(".larger")

    def is_asked_for_scan(self) -> None:
        """Be asked, with the focus on the question; see who has the scanner; stop everything."""
        self.clerk.page.locator('[data-oac="scan"][data-place="meeting"]').click()
        self.citizen.see("consent")
        self.page.locator('[data-oac="consent"]:focus').wait_for()
        self.looks.at("consent")
        self.page.evaluate(MEETING, {"serverOff": ["audio", "video"]})
        self.looks.at("consent while nothing of the clerk is seen or heard")
        self.page.evaluate(MEETING, {"serverOff": []})
        self.presses('[data-oac="consent-refuse"]')
        assert self.citizen.see("answer")
        self.page.evaluate(SHOW, {"said": NOT_DONE})
        self.looks.at("answer")
        self.page.evaluate(SHOW, {"said": None})
        self.clerk.see("pinned")
        self.clerk.touch("job-again")
        self.citizen.see("consent")
        self.presses('[data-oac="consent-allow"]')
        assert "Empar" in self.citizen.see("device-busy")
        self.looks.at("scanner at work")
        assert self._strip_ends_above_clerk()
        self.presses('[data-oac="stop-everything"]')
        self.page.locator('[data-guide="paused"]').wait_for()
        assert self.citizen.handle("stop-everything").is_disabled()
        self.looks.at("stopped")
        self.presses(".card-ask .button-primary")
        self.page.locator('[data-guide="step"]').wait_for()

    def lays_pages_down(self) -> None:
        """Scan page by page: the question outlives a reload, and each answer is one press."""
        assert self.town.scanner is not None
        self.town.scanner.set_pace(0.3)
        self.clerk.handle("scan-page-by-page").check()
        self.clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
        self.citizen.see("consent")
        self.presses('[data-oac="consent-allow"]')
        self.page.locator('[data-oac="place-page"][data-page="2"]').wait_for()
        self.looks.at("place the next page")
        self.page.reload()
        self.page.locator('[data-oac="place-page"][data-page="2"]').wait_for()
        self.presses('[data-oac="next-page"]')
        self.page.locator('[data-oac="place-page"][data-page="3"]').wait_for()
        self.clerk.see("next-page")
        self.presses('[data-oac="last-page"]')
        self.page.locator('[data-guide="step"]').wait_for()
        self.clerk.job_state("scan", "produced")

    def sees_printer_without_paper(self) -> None:
        """Be told that paper is missing, then be asked for the paper."""
        printer = self.town.printer
        assert printer is not None
        self.goes_to("print-application")
        printer.set_paper(empty=True)
        self.clerk.page.locator('[data-oac="print"]:not([data-place="meeting"])').click()
        self.citizen.see("consent")
        self.looks.at("consent to print")
        self.presses('[data-oac="consent-allow"]')
        self.citizen.see("device-attention")
        self.page.wait_for_function("() => document.querySelector('oac-kiosk').state.server.help")
        assert self.citizen.handle("device-busy").count() == 0
        self.looks.at("printer without paper")
        printer.set_paper(empty=False)
        self.citizen.see("printed-yes")
        self.looks.at("did it come out")
        self.presses('[data-oac="printed-yes"]')
        self.citizen.see("step-current")

    def writes(self) -> None:
        """Call for help and write."""
        self.presses('[data-oac="ask-help"]')
        self.page.locator(".is-called").wait_for()
        self.looks.at("help called")
        self.presses(".bar .button:not([data-oac])")
        self.citizen.see("say")
        self.looks.at("writing")
        self.presses(".saying .choices .button")
        self.page.locator(".keyboard").wait_for()
        self.looks.at("keyboard")

    def leaves(self) -> None:
        """Be told to take everything along."""
        self.clerk.ends()
        self.citizen.see("goodbye")
        self.looks.at("goodbye")
        self.page.evaluate(PARKED)
        self.page.locator('[data-oac="goodbye"][data-again="yes"]').wait_for()
        self.looks.at("do not leave")

    def _strip_ends_above_clerk(self) -> bool:
        strip = self.citizen.handle("device-busy").bounding_box()
        clerk = self.page.locator(".clerk").bounding_box()
        return bool(strip and clerk and strip["y"] + strip["height"] <= clerk["y"])


def test_every_screen_is_read_and_worked_by_keyboard(visit: Visit) -> None:
    """Nothing scrolls, is cut, covered, too small or too pale, on any screen in any language."""
    visit.before_anybody_comes()
    visit.takes_ticket()
    visit.is_called()
    visit.meets()
    visit.reads_step()
    visit.is_asked_for_scan()
    visit.lays_pages_down()
    visit.sees_printer_without_paper()
    visit.writes()
    visit.leaves()
    assert len(visit.looks.seen) >= 18
    assert not visit.looks.found, "\n".join(visit.looks.found)
    assert not visit.citizen.complaints
