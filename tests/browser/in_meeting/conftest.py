"""A browser, a meeting server's pages, and a desk under the same domain."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.in_meeting.hosts import (
    DESK,
    FLAGS,
    HERE,
    MEETING,
    Answer,
    MeetingPages,
    Pages,
    certificate,
)
from tests.browser.meeting.browsers import CAMERA
from tests.browser.meeting.browsers import FLAGS as USUAL
from tests.browser.meeting.iframe_api import NotToBeHad, external_api
from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


class Place:
    """Both hosts, and the browser of one person."""

    def __init__(self, folder: Path, context: BrowserContext, api: str) -> None:
        self.context = context
        self.page = context.pages[0]
        self.complaints: list[str] = []
        self.lines: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self.lines.append(line.text))
        self.is_desk_there = True
        self._tls = certificate(folder)
        self.rooms = MeetingPages(lambda: self.desk_origin, api)
        self.meeting = Pages(self._tls, self.rooms)
        self.desk = Pages(self._tls, self._desk_page)

    @property
    def meeting_origin(self) -> str:
        """The meeting server's origin."""
        return f"https://{MEETING}:{self.meeting.port}"

    @property
    def desk_origin(self) -> str:
        """The desk's origin."""
        return f"https://{DESK}:{self.desk.port}"

    def _desk_page(self, path: str) -> Answer:
        if not self.is_desk_there:
            return 502, "text/html", b"<h1>Bad gateway</h1>"
        name = "panel_page.html" if path.startswith("/desk/panel") else "desk_page.html"
        text = (HERE / name).read_text().replace("MEETING", f"{MEETING}:{self.meeting.port}")
        return 200, "text/html", text.encode()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give a person's browser before both hosts; it has to end without a complaint."""
    require("browser", "chromium")
    require("browser", module="playwright")
    require("node", "node")
    from playwright.sync_api import sync_playwright

    try:
        api = external_api()
    except NotToBeHad as reason:
        pytest.skip(str(reason))
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=shutil.which("chromium"),
            args=[*USUAL, *CAMERA, *FLAGS],
            viewport={"width": 1280, "height": 720},
            ignore_https_errors=True,
            headless=True,
            timeout=120_000,
        )
        try:
            made = Place(tmp_path, context, api)
            made.page.set_default_timeout(60_000)
            with made.meeting, made.desk:
                yield made
        finally:
            context.close()
    assert made.complaints == []
