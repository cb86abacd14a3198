"""The page behind a guest's link: it opens the meeting once, and leaves nothing behind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import require

if TYPE_CHECKING:
    from deploy.stage.people import Person
    from deploy.stage.town import Town

pytestmark = pytest.mark.browser

WAY_IN = {"provider": "jitsi", "domain": "meet.example", "room": "oac-abc", "jwt": "a.b.c"}


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[tuple[Town, Person]]:
    """Give a bridge, and somebody in front of a browser."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from deploy.stage.people import two_browsers
    from tests.towns import a_town

    with (
        a_town(tmp_path / "town", has_devices=False) as town,
        two_browsers(town, tmp_path) as (_citizen, somebody),
    ):
        yield town, somebody


def test_a_link_opens_the_meeting(guest: tuple[Town, Person]) -> None:
    """A link that is no longer good says so, as a bridge that is away; a good one leads into the room, its secret gone."""
    town, somebody = guest
    page, sent = somebody.page, []
    page.route("**/api/guests", lambda route: route.abort())
    page.goto(f"{town.url}/guest#no-longer-good")
    somebody.touch("guest-join")
    page.locator('[data-oac="guest-problem"]', has_text="No se llega al servidor").wait_for()
    page.unroute_all(behavior="wait")
    somebody.touch("guest-join")
    page.locator('[data-oac="guest-problem"]', has_text="enlace").wait_for()
    folder = os.environ.get("OAC_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/guest.png")

    def trade(route: Any) -> None:
        sent.append(json.loads(route.request.post_data))
        route.fulfill(json=WAY_IN)

    page.route("**/api/guests", trade)
    page.route("https://meet.example/**", lambda route: route.fulfill(body="the meeting"))
    page.goto("about:blank")
    page.goto(f"{town.url}/guest#a-good-one")
    page.wait_for_function("() => location.hash === ''")
    somebody.touch("guest-join")
    page.wait_for_url("https://meet.example/**")
    assert page.url == "https://meet.example/oac-abc#jwt=%22a.b.c%22&config.disableDeepLinking=true"
    assert sent == [{"secret": "a-good-one"}]
    assert not somebody.complaints
