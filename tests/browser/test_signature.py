"""What the counter's screen does by itself, in real browsers: a name is signed, a paper photographed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import require
from tests.unit.bridge.test_visits_signature import PROCEDURE

if TYPE_CHECKING:
    from deploy.stage.people import Citizen, Clerk
    from tests.browser.kiosk_looks import Looks

pytestmark = pytest.mark.browser


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Citizen, Clerk]]:
    """Give a citizen and a clerk of a town with something to sign, whose counter has no computer."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from deploy.stage import people as stage
    from tests.towns import a_town

    # The second made-up camera of Chromium gives depths, and no picture: the third is for papers.
    one = "--use-fake-device-for-media-stream"
    three = [f"{one}=device-count=3" if flag == one else flag for flag in stage.FLAGS]
    monkeypatch.setattr(stage, "FLAGS", three)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "data-consent.toml").write_text(PROCEDURE)
    variables = {
        "OAC_PROCEDURES_DIR": str(tmp_path / "own"),
        "OAC_MEETING_DOCUMENT_CAMERA": "fake_device_2",
        "OAC_JOBS_CAMERA_WIDTH_MM": "210",
    }
    with (
        a_town(tmp_path / "town", variables=variables, has_devices=False) as town,
        stage.two_browsers(town, tmp_path) as both,
    ):
        yield both


def _keep(page: Any, name: str) -> None:
    folder = os.environ.get("OAC_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def _draws(citizen: Citizen) -> None:
    """Draw a line across the field, as a finger does."""
    box = citizen.page.locator("oac-signature canvas").bounding_box()
    assert box is not None
    mouse = citizen.page.mouse
    across = [(0.1, 0.7), (0.25, 0.2), (0.4, 0.8), (0.6, 0.3), (0.9, 0.6)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in across]
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=8)
    mouse.up()


def _ask(clerk: Clerk, citizen: Citizen) -> None:
    clerk.touch("sign")
    citizen.see("sign")


def test_a_declaration_is_signed_on_the_screen(people: tuple[Citizen, Clerk]) -> None:
    """It is read and signed in three languages, by keyboard refused for paper, and nothing is left."""
    from tests.browser.kiosk_looks import Looks

    citizen, clerk = people
    looks = Looks(citizen.page)
    citizen.sits_down()
    clerk.signs_in(next(one for one in clerk.town.sign_ins if one.role == "clerk"))
    citizen.takes_ticket("ca", "data-consent")
    clerk.see("queue-row")
    clerk.touch("call-next")
    citizen.touch("start-visit")
    citizen.sees_moving_picture(5)
    _ask(clerk, citizen)
    assert "Done permís per a consultar" in citizen.see("sign")
    looks.at("what is signed")
    _keep(citizen.page, "kiosk-sign")
    _goes_to_paper_by_keyboard(citizen, clerk)
    clerk.touch("sign")
    citizen.touch("sign-begin")
    assert citizen.handle("sign-done").is_disabled()
    _draws(citizen)
    citizen.page.locator('[data-oac="sign-done"]:enabled').wait_for()
    looks.at("the field")
    citizen.touch("sign-clear")
    citizen.page.locator('[data-oac="sign-done"]:disabled').wait_for()
    _draws(citizen)
    _keep(citizen.page, "kiosk-sign-field")
    citizen.touch("sign-done")
    citizen.page.locator("oac-signature").wait_for(state="detached")
    clerk.page.locator('[data-oac="page"][data-state="visible"]').wait_for()
    _keep(clerk.page, "desk-signed")
    clerk.touch("step-done")
    clerk.page.locator('[data-oac="step-sign"][data-state="done"]').wait_for()
    _photographs(citizen, clerk, looks)
    _parts(citizen, clerk)
    assert set(citizen.remains().values()) == {0}
    assert not looks.found, "\n".join(looks.found)
    assert not citizen.complaints + clerk.complaints


def _photographs(citizen: Citizen, clerk: Clerk, looks: Looks) -> None:
    """Take a picture of the paper under the document camera, once the citizen allows it."""
    clerk.touch("take-picture")
    citizen.see("consent")
    looks.at("may a picture be taken")
    _keep(citizen.page, "kiosk-picture")
    citizen.touch("consent-allow")
    clerk.see("from-camera")
    page = clerk.page.locator('[data-oac="page"]:has([data-oac="from-camera"])')
    page.locator("img").wait_for()
    assert page.get_attribute("data-state") == "visible"
    _keep(clerk.page, "desk-picture")


def _parts(citizen: Citizen, clerk: Clerk) -> None:
    """End the visit, and wait until the kiosk has forgotten it."""
    clerk.ends()
    citizen.see("goodbye")
    citizen.touch("have-all")
    citizen.see("language-ca")


def _goes_to_paper_by_keyboard(citizen: Citizen, clerk: Clerk) -> None:
    """Reach the way to paper with the tabulator; the clerk reads why."""
    for _ in range(12):
        if citizen.page.evaluate("() => document.activeElement.dataset.oac === 'sign-on-paper'"):
            break
        citizen.page.keyboard.press("Tab")
    citizen.page.keyboard.press("Enter")
    citizen.page.locator('[data-oac="sign"]').wait_for(state="detached")
    clerk.page.locator('[data-reason="on-paper"]').wait_for()
    _keep(clerk.page, "desk-on-paper")
