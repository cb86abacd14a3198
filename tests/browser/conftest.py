"""What browser tests share: a town with a counter, and the people of a visit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from deploy.stage.people import Citizen, Clerk
    from deploy.stage.town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give a town whose programs all run, with a scanner that takes two seconds a page."""
    require("browser", "chromium")
    require("sane", "scanimage")
    require("cups", "cupsd" if Path("/usr/sbin/cupsd").exists() else "lpadmin")
    from tests.towns import a_town

    with a_town(tmp_path_factory.mktemp("town"), pace_s=2.0) as made:
        yield made


@pytest.fixture(scope="module")
def browsers() -> Iterator[tuple[Browser, Browser]]:
    """Give two browsers, each a process of its own, in which many tests open windows."""
    require("browser", "chromium")
    require("browser", module="playwright")
    from playwright.sync_api import sync_playwright

    from deploy.stage.people import FLAGS, PATIENCE_MS

    with sync_playwright() as playwright:
        chromium = partial(
            playwright.chromium.launch,
            executable_path=shutil.which("chromium"),
            args=FLAGS,
            timeout=2 * PATIENCE_MS,
        )
        with chromium() as kiosk, chromium() as desk:
            yield kiosk, desk


@pytest.fixture
def people(town: Town, browsers: tuple[Browser, Browser]) -> Iterator[tuple[Citizen, Clerk]]:
    """Give a citizen and a clerk whose browsers know nothing of anybody before."""
    from deploy.stage.people import DESK_SIZE, KIOSK_SIZE, Citizen, Clerk

    kiosk, desk = browsers
    with (
        kiosk.new_context(viewport=KIOSK_SIZE, locale="ca-ES") as theirs,
        desk.new_context(viewport=DESK_SIZE, locale="es-ES") as ours,
    ):
        for one in (theirs, ours):
            one.new_page()
        yield Citizen(theirs, town), Clerk(ours, town)
