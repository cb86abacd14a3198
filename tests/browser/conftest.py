"""What browser tests share: a town with a counter, and the people of a visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import require


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Give a town whose programs all run, with a scanner that takes two seconds a page."""
    require("browser", "chromium")
    require("sane", "scanimage")
    require("cups", "cupsd" if Path("/usr/sbin/cupsd").exists() else "lpadmin")
    from tests.towns import a_town

    with a_town(tmp_path_factory.mktemp("town"), pace_s=2.0) as made:
        yield made


@pytest.fixture
def people(town: object, tmp_path: Path) -> Iterator[object]:
    """Give a citizen and a clerk, each with a browser of their own."""
    from deploy.stage.people import two_browsers
    from deploy.stage.town import Town

    assert isinstance(town, Town)
    with two_browsers(town, tmp_path) as both:
        yield both
