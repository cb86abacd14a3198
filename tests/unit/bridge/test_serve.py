"""What a start that comes to nothing says, and whom it is held against."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from gunicorn.errors import AppImportError

from bridge.serve import Server, hidden
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


_PARENT = """
import sys
import click
from bridge import cli, serve
from bridge.cli_support import settings_apart

with click.Context(cli.main, info_name="oac-bridge"):
    print(settings_apart().port, [name for name in ("pydantic", "sqlalchemy") if name in sys.modules])
"""


def test_the_parent_reads_settings_and_holds_nothing_for_it(tmp_path: Path) -> None:
    """The server's parent knows its settings without what reads them, and says what is wrong there."""
    root = Path(__file__).parents[3]

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            cwd=root,
            env={"OAC_DATA_DIR": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("-c", _PARENT, OAC_PORT="8311").stdout == "8311 []\n"
    failed = run("-m", "bridge", "serve", OAC_PORT="x")
    assert failed.returncode == 1
    assert failed.stderr.count("Please mend the configuration: port: ") == 1
    assert failed.stderr.count("\n") == 1


def test_what_was_hidden_is_found_afterwards() -> None:
    """A plugin may use what the server itself does without."""
    sys.modules.pop("colorsys", None)
    with hidden("colorsys", "json"):
        with pytest.raises(ImportError):
            importlib.import_module("colorsys")
        assert importlib.import_module("json").loads("1") == 1
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
