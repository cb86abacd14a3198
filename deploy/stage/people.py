"""The people of a visit, each with a Chromium process of their own and a camera that is made up."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, sync_playwright

from deploy.stage.town import COUNTER, SignIn, Town
from deploy.virtual.processes import wait_until

FLAGS = (
    # Its sandbox needs namespaces that root, a container or a chroot do not give; what is opened
    # are our own pages, from this machine.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE_MS = 60_000
# It may have passed before anybody looks.
ENDS = """() => {
    document.querySelector('[data-oac="end-now"]')?.click()
    return document.querySelector('[data-oac="close-visit"]')
}"""
KIOSK_SIZE = {"width": 1280, "height": 800}
DESK_SIZE = {"width": 1366, "height": 768}


class Person:
    """Somebody in front of a browser; ``see`` and ``touch`` go by the handles of the pages."""

    def __init__(self, context: BrowserContext, town: Town) -> None:
        self.context = context
        self.town = town
        self.page: Page = context.pages[0]
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(PATIENCE_MS)

    def handle(self, name: str) -> Locator:
        """Return the first thing with this handle."""
        return self.page.locator(f'[data-oac="{name}"]').first

    def see(self, name: str) -> str:
        """Wait until it is on the screen; return its text."""
        self.handle(name).wait_for(state="visible")
        return self.handle(name).inner_text()

    def touch(self, name: str) -> None:
        """Press it."""
        self.handle(name).click()

    def frames(self) -> int:
        """Return how many frames of the other's picture this browser has decoded."""
        figures: dict[str, Any] | None = self.page.evaluate(
            "async () => await document.querySelector('oac-meeting')?.stats?.() ?? null"
        )
        return int((figures or {}).get("framesDecoded") or 0)

    def sees_moving_picture(self, more: int = 20) -> int:
        """Wait until ``more`` frames came since now; return how many there are in all."""
        before = self.frames()
        wait_until(
            lambda: self.frames() >= before + more, "the picture moves", seconds=PATIENCE_MS / 1000
        )
        return self.frames()


class Citizen(Person):
    """Sits at the counter."""

    def sits_down(self) -> None:
        """Open the kiosk and let a supervisor pair it."""
        self.page.goto(f"{self.town.url}/kiosk/{COUNTER}")
        wait_until(
            lambda: bool(self.town.records.waiting_codes("kiosk")),
            "the kiosk shows a code",
            seconds=PATIENCE_MS / 1000,
        )
        self.town.pair_waiting()
        self.see("language-ca")

    def takes_ticket(self, language: str, procedure: str) -> str:
        """Choose language and errand; return the number."""
        self.touch(f"language-{language}")
        self.touch(f"procedure-{procedure}")
        self.touch("take-ticket")
        return self.see("ticket-number").strip()

    def remains(self) -> dict[str, int]:
        """Return what the browser still keeps of anybody: storage, caches, databases, personal text."""
        left: dict[str, int] = self.page.evaluate(
            """async () => ({
                storage: localStorage.length + sessionStorage.length,
                caches: (await caches.keys()).length,
                databases: (await indexedDB.databases()).length,
                elements: document.querySelectorAll('video, oac-meeting, oac-say, canvas, img').length,
            })"""
        )
        return left


class Clerk(Person):
    """Teleworks."""

    def signs_in(self, who: SignIn) -> None:
        """Sign in and say that one is available."""
        self.page.goto(f"{self.town.url}/")
        self.page.fill("[name=login]", who.login)
        self.page.fill("[name=password]", who.password)
        self.touch("sign-in")
        self.touch("available")

    def ends(self) -> None:
        """End the visit, without waiting for the moment to pass in which it could be taken back."""
        self.page.locator('[data-oac="end-visit"]:not([data-place="meeting"])').click()
        self.page.wait_for_function(ENDS)

    def signs_out(self) -> None:
        """Leave, so that somebody else's browser may sign in without taking over."""
        self.touch("sign-out")
        self.see("sign-in")

    def notes_first_strip(self) -> None:
        """Have the page remember when the first strip of the next preview was drawn."""
        self.page.evaluate(
            """() => {
                window.firstStripAt = 0
                const drawn = CanvasRenderingContext2D.prototype.drawImage
                CanvasRenderingContext2D.prototype.drawImage = function (...given) {
                    if (!window.firstStripAt) window.firstStripAt = Date.now()
                    return drawn.apply(this, given)
                }
            }"""
        )

    def first_strip_at(self) -> float:
        """Return when the first strip was drawn, in seconds since the epoch."""
        at: float = self.page.wait_for_function("() => window.firstStripAt").json_value()
        return at / 1000

    def job_state(self, kind: str, state: str) -> None:
        """Wait until the newest job of a kind is in ``state``."""
        self.page.locator(
            f'[data-oac="job"][data-kind="{kind}"][data-state="{state}"]'
        ).first.wait_for()


@contextlib.contextmanager
def two_browsers(town: Town, folder: Path) -> Iterator[tuple[Citizen, Clerk]]:
    """Start a browser for each side, with profiles that are thrown away."""
    with sync_playwright() as playwright:
        kiosk = _chromium(playwright, folder / "kiosk-profile", KIOSK_SIZE, "ca-ES")
        try:
            desk = _chromium(playwright, folder / "desk-profile", DESK_SIZE, "es-ES")
            try:
                yield Citizen(kiosk, town), Clerk(desk, town)
            finally:
                desk.close()
        finally:
            kiosk.close()


def _chromium(
    playwright: Playwright, profile: Path, size: dict[str, int], locale: str
) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=shutil.which("chromium") or "/usr/bin/chromium",
        args=FLAGS,
        headless=True,
        timeout=2 * PATIENCE_MS,
        viewport={"width": size["width"], "height": size["height"]},
        locale=locale,
    )
