"""Two people, a relay between them, and browsers that end with the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.meeting.relay import Relay
from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def relay() -> Iterator[Relay]:
    """Return a running relay."""
    with Relay("https://meet.test") as running:
        yield running


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Callable[..., object]]:
    """Return a maker of people; their browsers are closed at the end."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from playwright.sync_api import sync_playwright

    from tests.browser.meeting.browsers import CAMERA, UNTOUCHED_SOUND, Person

    people: list[Person] = []
    with sync_playwright() as playwright:

        def make(name: str, *, flags: tuple[str, ...] = (*CAMERA, UNTOUCHED_SOUND)) -> Person:
            people.append(Person(playwright, tmp_path / name, flags=flags))
            return people[-1]

        yield make
        for one in people:
            one.leaves()


@pytest.fixture(scope="module")
def api() -> str:
    """Return Jitsi's IFrame API as it is published."""
    require("node", "node")
    from tests.browser.meeting.iframe_api import NotToBeHad, external_api

    try:
        return external_api()
    except NotToBeHad as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Return one browser for a whole module, for pages that need no process of their own."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from playwright.sync_api import sync_playwright

    from tests.browser.meeting.browsers import CAMERA, FLAGS, MOST_S, UNTOUCHED_SOUND

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, *CAMERA, UNTOUCHED_SOUND],
            timeout=MOST_S * 1000,
        )


@pytest.fixture
def jitsi(relay: Relay, browser: Browser, api: str) -> Iterator[Callable[[str], object]]:
    """Return a maker of pages with a meeting on a Jitsi server, for a side."""
    from tests.browser.meeting.browsers import Guest
    from tests.browser.meeting.jitsi_page import Jitsi

    guests: list[Guest] = []

    def make(side: str) -> Jitsi:
        guests.append(Guest(browser))
        return Jitsi(guests[-1], relay, api, side)

    yield make
    for one in guests:
        one.leaves()
