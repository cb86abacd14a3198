"""What several tests of plugins share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugins import Install, installer


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a maker of installed distributions with one plugin module each."""
    monkeypatch.syspath_prepend(tmp_path)
    return installer(tmp_path)
