"""Two people, a relay between them, and browsers that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.meeting.relay import Relay
from tests.support import require


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


@pytest.fixture
def jitsi(relay: Relay, person: Callable[..., object]) -> Callable[[str], object]:
    """Return a maker of pages with a meeting on a Jitsi server, for a side."""
    require("node", "node")
    from tests.browser.meeting.browsers import Person
    from tests.browser.meeting.iframe_api import NotToBeHad, external_api
    from tests.browser.meeting.jitsi_page import Jitsi

    try:
        api = external_api()
    except NotToBeHad as reason:
        pytest.skip(str(reason))

    def make(side: str) -> Jitsi:
        made = person(side)
        assert isinstance(made, Person)
        return Jitsi(made, relay, api, side)

    return make
