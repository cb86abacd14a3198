"""Chromium processes of one's own: each with its profile, a made-up camera and no questions asked."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
UNTOUCHED_SOUND = "--autoplay-policy=no-user-gesture-required"
MOST_S = 90  # a machine that many use decodes a frame a second now and then
SHOWN = """document.querySelector('[data-oac="remote-video"]')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"""

TOLD = """async () => {
  const video = document.querySelector('[data-oac="remote-video"]')
  const played = video && {paused: video.paused, ready: video.readyState, width: video.videoWidth,
    tracks: video.srcObject?.getTracks().map((one) => [one.kind, one.readyState, one.muted])}
  return {heard, figures: await meeting.stats(), played}
}"""


class Person:
    """One side of a meeting: a browser process and the page in it."""

    def __init__(self, playwright: Playwright, profile: Path, *, flags: Iterable[str]) -> None:
        self._playwright = playwright
        self._profile = profile
        self._flags = [*FLAGS, *flags]
        self.context: BrowserContext
        self.page: Page
        self.complaints: list[str] = []
        self._address = ""

    def opens(self, address: str) -> None:
        """Start the browser and go to the page."""
        self._address = address
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._profile),
            executable_path=shutil.which("chromium"),
            args=self._flags,
            viewport={"width": 960, "height": 600},
            headless=True,
            timeout=MOST_S * 1000,
        )
        self.page = self.context.pages[0]
        self.page.set_default_timeout(MOST_S * 1000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def dies(self) -> None:
        """Be gone from one moment to the next, as in a power cut, and come back without a trace."""
        with self.context.expect_event("close"):
            for process in self._processes():
                process.kill()
        shutil.rmtree(self._profile, ignore_errors=True)

    def sleeps(self) -> None:
        """Stand still: neither answer nor send."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def wakes(self) -> None:
        """Go on."""
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def leaves(self) -> None:
        """Close the browser."""
        self.context.close()

    def is_in(self, state: str) -> None:
        """Wait for the state of the meeting."""
        room = self.page.locator(f'[data-oac="meeting"][data-state="{state}"]')
        expect(room).to_be_visible(timeout=MOST_S * 1000)

    def stats(self) -> dict[str, Any]:
        """Return the meeting's figures."""
        figures: dict[str, Any] = self.page.evaluate("meeting.stats()")
        return figures

    def sees_moving_video(self, *, frames: int = 15) -> dict[str, Any]:
        """Wait until that many more frames were decoded and shown; return the figures."""
        # What is decoded is not yet seen: a video that begins anew all the time shows nothing.
        for read in (lambda: self.stats()["framesDecoded"] or 0, lambda: self.page.evaluate(SHOWN)):
            self._grows(read, by=frames)
        return self.stats()

    def heard(self, name: str) -> list[dict[str, Any]]:
        """Return the details of the events of this name, oldest first."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "name => heard.filter(([one]) => one === name).map(([, detail]) => detail)", name
        )
        return found

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until the condition holds and return what it gave."""
        end = monotonic() + MOST_S
        while not (value := condition()):
            assert monotonic() < end, f"not within {MOST_S} s: {self.page.evaluate(TOLD)}"
            # Time passes in the page, where the frames are counted.
            self.page.evaluate("new Promise((done) => setTimeout(done, 50))")
        return value

    def _grows(self, read: Callable[[], int], *, by: int) -> None:
        last, grown = read(), 0

        def is_enough() -> bool:
            nonlocal last, grown
            now = read()
            grown += now - last if now >= last else now  # a new connection counts from zero
            last = now
            return grown >= by

        self.until(is_enough)

    def _processes(self) -> list[psutil.Process]:
        mark = f"--user-data-dir={self._profile}"
        mains = [
            one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or [])
        ]
        found = {one.pid: one for main in mains for one in (main, *main.children(recursive=True))}
        return list(found.values())


class Guest(Person):
    """A page in a browser that others use as well: quickly opened, but it cannot die by itself."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.complaints = []

    def opens(self, address: str) -> None:
        """Open a window that knows nothing of the others."""
        self.context = self._browser.new_context(viewport={"width": 960, "height": 600})
        self.page = self.context.new_page()
        self.page.set_default_timeout(MOST_S * 1000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
