"""A whole visit from Jitsi's own page: real bridge, agent and scanner, beside a stand-in for that page."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.in_meeting.hosts import (
    DESK,
    FLAGS,
    MEETING,
    MeetingPages,
    Pages,
    Tunnel,
    certificate,
)
from tests.browser.meeting.conftest import api as api  # a fixture of the neighbours
from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from deploy.stage.people import Citizen, Clerk
    from deploy.stage.town import Town

pytestmark = pytest.mark.browser
NEIGHBOURS = Path(__file__).resolve().parents[1] / "meeting"


@dataclass
class Stage:
    """A town whose meeting server and desk are two hosts of one domain."""

    town: Town
    meeting: str
    desk: str


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, api: str) -> Iterator[Stage]:
    """Give a town with a quick scanner, a meeting server that carries our part, and TLS before both."""
    require("browser", "chromium")
    require("sane", "scanimage")
    from deploy.stage.town import Town

    folder = tmp_path_factory.mktemp("hosts")
    tls = certificate(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Tunnel(tls, port) as tunnel:
        desk = f"https://{DESK}:{tunnel.port}"
        with Pages(tls, MeetingPages(lambda: desk, api)) as pages:
            variables = {
                "OAC_PUBLIC_URL": desk,
                "OAC_MEETING_PROVIDER": "jitsi",
                "OAC_MEETING_DOMAIN": f"{MEETING}:{pages.port}",
                "OAC_MEETING_APP_ID": "oac",
                "OAC_MEETING_APP_SECRET": "a secret of more than thirty-two characters",
                "OAC_MEETING_OWN_PAGE": "true",
            }
            home = tmp_path_factory.mktemp("town")
            with Town(home, port=port, pace_s=0.5, variables=variables) as town:
                town.url = desk  # from here on, as browsers reach it
                yield Stage(town, f"https://{MEETING}:{pages.port}", desk)


@pytest.fixture
def people(stage: Stage, tmp_path: Path) -> Iterator[tuple[Citizen, Clerk]]:
    """Give a citizen and a clerk, each with a browser of their own."""
    from playwright.sync_api import sync_playwright

    from deploy.stage.people import DESK_SIZE, KIOSK_SIZE, Citizen, Clerk
    from deploy.stage.people import FLAGS as USUAL

    with sync_playwright() as playwright:
        contexts = [
            playwright.chromium.launch_persistent_context(
                str(tmp_path / name),
                executable_path=shutil.which("chromium"),
                args=[*USUAL, *FLAGS],
                viewport={"width": size["width"], "height": size["height"]},
                ignore_https_errors=True,
                headless=True,
                locale="es-ES",
            )
            for name, size in (("kiosk", KIOSK_SIZE), ("desk", DESK_SIZE))
        ]
        citizen, clerk = Citizen(contexts[0], stage.town), Clerk(contexts[1], stage.town)
        _plays_the_kiosks_room(citizen, stage)
        try:
            yield citizen, clerk
        finally:
            for context in contexts:
                context.close()
    assert citizen.complaints == clerk.complaints == []


def _plays_the_kiosks_room(citizen: Citizen, stage: Stage) -> None:
    """Let the kiosk's frame be the neighbours' stand-in, which speaks all that a kiosk asks."""

    def serve(route: Route) -> None:
        is_script = route.request.url.endswith("/stand_in.js")
        name, kind = ("stand_in.js", "javascript") if is_script else ("stand_in.html", "html")
        route.fulfill(body=(NEIGHBOURS / name).read_text(), content_type=f"text/{kind}")

    citizen.context.route(re.compile(re.escape(stage.meeting) + r"/(oac-|stand_in\.js)"), serve)


def test_a_clerk_does_a_whole_visit_in_jitsis_page(
    stage: Stage, people: tuple[Citizen, Clerk]
) -> None:
    """From the desk and back to it: called, met, scanned, reloaded, ended by hanging up, closed."""
    citizen, clerk = people
    page, panel = clerk.page, clerk.page.frame_locator("iframe")

    def touch(handle: str) -> None:
        panel.locator(f'[data-oac="{handle}"]').first.click()

    def see(handle: str) -> None:
        panel.locator(f'[data-oac="{handle}"]').first.wait_for()

    citizen.sits_down()
    citizen.takes_ticket("ca", "census")
    clerk.signs_in(next(one for one in stage.town.sign_ins if one.role == "clerk"))
    clerk.touch("to-jitsi")
    page.wait_for_url("**/oac/between.html?lang=es")
    see("queue-row")
    touch("call-next")
    panel.locator('[data-oac="recall"]:not([aria-disabled])').wait_for()
    citizen.touch("start-visit")

    page.wait_for_url(f"{stage.meeting}/oac-*")
    page.locator('[data-key="scan-idle"]').wait_for()
    assert page.locator('[data-key="scan-idle"]').inner_text() == "Escanear"
    assert "jwt" not in page.url
    touch("step-scan-id")
    panel.locator('[data-oac="step-scan-id"][aria-current="step"]').wait_for()
    panel.locator('[data-oac="park"]:not([aria-disabled])').wait_for()  # both are known to be in
    page.locator('[data-key="scan-idle"]').click()
    citizen.see("consent")
    page.locator('[data-key="scan-busy"]').wait_for()
    citizen.touch("consent-allow")
    see("page")
    page.locator('[data-key="scan-idle"]').wait_for()

    page.reload()
    see("page")
    page.locator('[data-key="ask-help-idle"]').click()
    page.locator('[data-key="ask-help-busy"]').wait_for()

    page.locator('[data-key="hangup-menu"]').click()
    see("ending")
    touch("end-now")
    citizen.see("goodbye")
    page.wait_for_url("**/oac/between.html?lang=es")
    touch("close-visit")
    panel.locator('[data-oac="call-next"]').wait_for()
    citizen.see("language-ca")
    assert page.evaluate("sessionStorage.length") == 0
    touch("to-desk")
    page.wait_for_url(f"{stage.desk}/desk?language=es")
    clerk.see("available")
    clerk.signs_out()


def test_whoever_is_not_signed_in_is_shown_the_way(
    stage: Stage, people: tuple[Citizen, Clerk]
) -> None:
    """Beside the meeting stands a sentence and a link; signed in elsewhere, the panel goes on."""
    _, clerk = people
    page, panel = clerk.page, clerk.page.frame_locator("iframe")
    page.goto(f"{stage.meeting}/oac/between.html?lang=es")
    with clerk.context.expect_page() as opened:
        panel.locator('[data-oac="to-sign-in"]').click()
    there = opened.value
    who = next(one for one in stage.town.sign_ins if one.role == "clerk")
    there.fill("[name=login]", who.login)
    there.fill("[name=password]", who.password)
    there.locator('[data-oac="sign-in"]').click()
    there.locator('[data-oac="available"]').wait_for()
    there.close()
    page.bring_to_front()
    page.reload()
    panel.locator('[data-oac="call-next"]').wait_for()
    panel.locator('[data-oac="to-desk"]').click()
    clerk.signs_out()
