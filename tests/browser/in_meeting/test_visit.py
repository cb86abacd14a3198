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
    from tests.towns import a_town

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
            with a_town(home, port=port, pace_s=0.5, variables=variables) as town:
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
                timeout=120_000,
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


class Inside:
    """The clerk's page on the meeting server, and the panel in it."""

    def __init__(self, clerk: Clerk) -> None:
        self.page = clerk.page
        self.panel = clerk.page.frame_locator("iframe")

    def sees(self, handle: str, more: str = "") -> None:
        """Wait until it is in the panel."""
        self.panel.locator(f'[data-oac="{handle}"]{more}').first.wait_for()

    def touches(self, handle: str) -> None:
        """Press it in the panel."""
        self.panel.locator(f'[data-oac="{handle}"]').first.click()

    def fits(self) -> None:
        """Have nothing of the panel stand out at the side, as narrow as it gets."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 1000, "height": 700})
        frame = next(one for one in self.page.frames if "/desk/panel" in one.url)
        frame.wait_for_function("() => innerWidth === 340")
        wide = frame.evaluate(
            """() => [...document.querySelectorAll('oac-panel *')]
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.only-heard'))
                .map((one) => one.className)"""
        )
        assert wide == []
        self.page.set_viewport_size(size)

    def presses(self, key: str) -> None:
        """Press it in Jitsi's tool bar."""
        self.page.locator(f'[data-key="{key}"]').click()

    def has(self, key: str) -> str:
        """Wait until it is in Jitsi's tool bar; return its text."""
        self.page.locator(f'[data-key="{key}"]').wait_for()
        return self.page.locator(f'[data-key="{key}"]').inner_text()


def _meets(stage: Stage, citizen: Citizen, clerk: Clerk, inside: Inside) -> None:
    """From the desk to the page between visits, and from there into the citizen's room."""
    citizen.sits_down()
    citizen.takes_ticket("ca", "census")
    clerk.signs_in(next(one for one in stage.town.sign_ins if one.role == "clerk"))
    clerk.touch("to-jitsi")
    inside.page.wait_for_url("**/oac/between.html?lang=es")
    inside.sees("queue-row")
    inside.touches("call-next")
    inside.sees("recall", ":not([aria-disabled])")
    citizen.touch("start-visit")
    inside.page.wait_for_url(f"{stage.meeting}/oac-*")
    assert inside.has("scan-idle") == "Escanear"
    assert "jwt" not in inside.page.url
    inside.sees("park", ":not([aria-disabled])")  # both are known to be in


def test_a_clerk_does_a_whole_visit_in_jitsis_page(
    stage: Stage, people: tuple[Citizen, Clerk]
) -> None:
    """From the desk and back to it: called, met, scanned, reloaded, ended by hanging up, closed."""
    citizen, clerk = people
    inside = Inside(clerk)
    _meets(stage, citizen, clerk, inside)

    inside.touches("step-scan-id")
    inside.sees("step-scan-id", '[aria-current="step"]')
    inside.presses("scan-idle")
    citizen.see("consent")
    inside.has("scan-busy")
    citizen.touch("consent-allow")
    inside.sees("page")
    inside.has("scan-idle")
    inside.fits()

    inside.page.reload()
    inside.sees("page")
    inside.presses("ask-help-idle")
    inside.has("ask-help-busy")

    inside.presses("hangup-menu")
    inside.sees("ending")  # and its moment passes by itself
    citizen.see("goodbye")
    inside.page.wait_for_url("**/oac/between.html?lang=es")
    inside.touches("close-visit")
    inside.sees("call-next")
    citizen.touch("have-all")
    citizen.see("language-ca")
    assert inside.page.evaluate("sessionStorage.length") == 0
    inside.touches("to-desk")
    clerk.page.wait_for_url(f"{stage.desk}/desk?language=es")
    clerk.see("available")
    clerk.signs_out()


def test_whoever_is_not_signed_in_is_shown_the_way(
    stage: Stage, people: tuple[Citizen, Clerk]
) -> None:
    """Beside the meeting stands a sentence and a link; signed in elsewhere, the panel goes on."""
    _, clerk = people
    inside = Inside(clerk)
    inside.page.goto(f"{stage.meeting}/oac/between.html?lang=es")
    with clerk.context.expect_page() as opened:
        inside.touches("to-sign-in")
    there = opened.value
    who = next(one for one in stage.town.sign_ins if one.role == "clerk")
    there.fill("[name=login]", who.login)
    there.fill("[name=password]", who.password)
    there.locator('[data-oac="sign-in"]').click()
    there.locator('[data-oac="available"]').wait_for()
    there.close()
    # What a browser with a screen tells a tab that is looked at again.
    frame = next(one for one in inside.page.frames if "/desk/panel" in one.url)
    frame.evaluate("document.dispatchEvent(new Event('visibilitychange')) && undefined")
    inside.sees("call-next")
    inside.touches("to-desk")
    clerk.signs_out()
