"""What a start that comes to nothing says, and whom it is held against."""

from __future__ import annotations

from pathlib import Path

import pytest
from gunicorn.errors import AppImportError

from bridge.serve import Server
from counter_hooks.errors import PluginRefused
from counter_hooks.guard import Registry
from counter_hooks.record import MOST_FAILED_STARTS, Record, read
from tests.makers import settings_in


def start(folder: Path) -> None:
    """Load the application as a worker does."""
    Server(settings_in(folder), lambda _address: None).load()


def test_a_database_that_is_behind_asks_for_no_safe_mode(tmp_path: Path) -> None:
    """However often it is tried, no plugin can have brought that about."""
    settings_in(tmp_path)
    for _ in range(MOST_FAILED_STARTS + 1):
        with pytest.raises(AppImportError):
            start(tmp_path)
    assert read(tmp_path)["failed_starts"] == 0
    assert not Record(tmp_path).begin()


def test_what_a_plugin_may_have_brought_about_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that fails while plugins are loaded is one of those that ask for safe mode."""

    def fail(*_: object, **__: object) -> None:
        raise PluginRefused("no")

    monkeypatch.setattr(Registry, "__init__", fail)
    with pytest.raises(AppImportError, match="no"):
        start(tmp_path)
    assert read(tmp_path)["failed_starts"] == 1
