"""What a plugin adds to the counter, as clerk and citizen see it in real browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stage.people import Clerk, two_browsers
from deploy.stage.town import Town
from tests.support import require
from tests.towns import a_town

pytestmark = pytest.mark.browser

# Said anew at each look: it stays for ten seconds only.
TOAST_IS_BESIDE = """() => {
    document.querySelector('oac-panel').desk.toast('Something is said.')
    const [meeting, toast] = ['oac-meeting', '[data-oac="toast"]'].map((one) => document.querySelector(one))
    return toast && toast.getBoundingClientRect().left >= meeting.getBoundingClientRect().right
}"""


@pytest.fixture
def printer(tmp_path: Path) -> Path:
    """Return the file that a receipt printer with two drawers would be."""
    file = tmp_path / "lp0"
    file.touch()
    return file


@pytest.fixture
def town(tmp_path: Path, printer: Path) -> Iterator[Town]:
    """Give a town whose counter has a cash drawer."""
    require("browser", "chromium")
    require("sane", "scanimage")
    require("cups", "cupsd" if Path("/usr/sbin/cupsd").exists() else "lpadmin")
    tables = f'[plugins.drawer]\ndevice = "{printer}"\ndrawers = 2\n'
    with a_town(tmp_path / "town", agent_tables=tables) as made:
        yield made


def test_a_drawer_opens_from_the_meeting(town: Town, printer: Path, tmp_path: Path) -> None:
    """The form is filled in, the citizen reads the sentence and allows it, the drawer opens."""
    with two_browsers(town, tmp_path) as (citizen, clerk):
        citizen.sits_down()
        clerk.signs_in(next(one for one in town.sign_ins if one.role == "clerk"))
        citizen.takes_ticket("es", "census")
        clerk.see("queue-row")
        clerk.touch("call-next")
        citizen.see("called")
        citizen.touch("start-visit")
        clerk.sees_moving_picture()
        inside = clerk.page.locator('oac-panel [data-oac="action-open-drawer"]')
        in_meeting = clerk.page.locator('oac-meeting [data-oac="action-open-drawer"]')
        assert in_meeting.count() == 1
        inside.click()
        clerk.see("toast")
        clerk.page.wait_for_function(TOAST_IS_BESIDE)
        _is_told_of_wrong_pages(clerk)
        clerk.handle("field-drawer").select_option("second")
        in_meeting.click()
        citizen.see("consent")
        assert "Abrir el cajón del dinero." in citizen.handle("consent").inner_text()
        citizen.touch("consent-allow")
        clerk.job_state("action", "produced")
        assert printer.read_bytes() == b"\x1bp\x01\x19\xfa"


def _is_told_of_wrong_pages(clerk: Clerk) -> None:
    """Read at the field what is wrong with the pages, until they are right."""
    clerk.handle("print-more").locator("summary").click()
    pages = clerk.handle("print-pages")
    pages.fill("3-1")
    assert "1-3,5" in clerk.see("print-pages-fault")
    assert pages.get_attribute("aria-describedby") == clerk.handle(
        "print-pages-fault"
    ).get_attribute("id")
    pages.fill("")
    clerk.handle("print-pages-fault").wait_for(state="detached")
