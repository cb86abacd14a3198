"""A visit that goes on by telephone and back, as both see it; and what is said of a sick server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import require

if TYPE_CHECKING:
    from deploy.stage.people import Citizen, Clerk
    from tests.browser.kiosk_looks import Looks

pytestmark = pytest.mark.browser

REASONS = ("down", "slow", "version-unknown", "events-missing")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[tuple[Citizen, Clerk]]:
    """Give citizen and clerk of an office in which nothing is scanned or printed."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from deploy.stage.people import two_browsers
    from tests.towns import a_town

    with (
        a_town(tmp_path / "town", has_devices=False) as town,
        two_browsers(town, tmp_path) as both,
    ):
        yield both


def _waits(page: Any, selector: str) -> None:
    page.locator(selector).first.wait_for()


def _says_what_is_wrong(clerk: Clerk) -> None:
    for reason in REASONS:
        _answers(
            clerk.page, "/api/desk", "meeting", {"reason": reason, "is_ready": reason == "slow"}
        )
        _waits(clerk.page, f'[data-oac="meeting-trouble"][data-reason="{reason}"]')
        assert len(clerk.see("meeting-trouble")) > 40
        assert clerk.handle("call-next").is_visible()
        assert clerk.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        _keep(clerk.page, f"desk-{reason}")
    _answers_truly(clerk.page)
    clerk.page.reload()
    clerk.see("call-next")
    clerk.handle("meeting-trouble").wait_for(state="detached")


def _answers(page: Any, path: str, part: str, fields: dict[str, object]) -> None:
    """Have the bridge's answers say something else of one part, from a new load of the page on."""

    def answer(route: Any) -> None:
        given = route.fetch()
        plain = given.json()
        plain[part] = {**plain[part], **fields}
        route.fulfill(response=given, json=plain)

    _answers_truly(page)
    page.route(f"**{path}", answer)
    page.reload()


def _answers_truly(page: Any) -> None:
    # An answer that is under way is finished first: taking its rule away would answer it twice.
    page.unroute_all(behavior="wait")


def _keep(page: Any, name: str) -> None:
    folder = os.environ.get("OAC_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def _puts_the_handset_down(citizen: Citizen, clerk: Clerk, looks: Looks) -> None:
    """Stop everything on the telephone, by which no document is looked at, and go on."""
    clerk.see("by-telephone")
    _keep(clerk.page, "desk-telephone")
    assert clerk.page.locator('[data-oac="look-document"]').count() == 0
    citizen.touch("stop-everything")
    citizen.page.locator(".card-ask", has_text="Penge el telèfon").wait_for()
    looks.at("put the handset down")
    citizen.page.locator(".card-ask .button-primary").click()
    citizen.page.locator(".card-ask").wait_for(state="detached")


def test_a_visit_goes_on_by_telephone_and_back(people: tuple[Citizen, Clerk]) -> None:
    """The kiosk asks to pick up the handset, the clerk says who talks, and the picture comes back."""
    from tests.browser.kiosk_looks import Looks

    citizen, clerk = people
    looks = Looks(citizen.page)
    clerk.signs_in(next(one for one in clerk.town.sign_ins if one.role == "clerk"))
    _says_what_is_wrong(clerk)
    citizen.sits_down()
    citizen.takes_ticket("ca", "census")
    clerk.see("queue-row")
    clerk.touch("call-next")
    citizen.touch("start-visit")
    citizen.sees_moving_picture(5)
    clerk.page.locator('[data-oac="ways-menu"] summary').click()
    _keep(clerk.page, "desk-menu")
    clerk.touch("meet-phone")
    citizen.see("telephone")
    looks.at("pick up the handset")
    _keep(citizen.page, "kiosk-telephone")
    _puts_the_handset_down(citizen, clerk, looks)
    clerk.touch("phone-talking")
    _waits(clerk.page, '[data-oac="telephone"][data-talking="true"]')
    citizen.page.locator('[data-oac="telephone"] p').wait_for(state="detached")
    looks.at("on the telephone")
    _keep(citizen.page, "kiosk-talking")
    clerk.touch("meet-direct")
    citizen.sees_moving_picture(5)
    clerk.sees_moving_picture(5)
    _answers(citizen.page, "/api/kiosk", "visit", {"others": ["helper", "interpreter"]})
    citizen.see("guests")
    looks.at("who else is there")
    _keep(citizen.page, "kiosk-guests")
    _answers(citizen.page, "/api/kiosk", "visit", {"refusal": "token-expired"})
    citizen.see("not-yet")
    looks.at("a closed door")
    _keep(citizen.page, "kiosk-not-yet")
    _answers_truly(citizen.page)
    assert not looks.found, "\n".join(looks.found)
    assert not citizen.complaints + clerk.complaints
