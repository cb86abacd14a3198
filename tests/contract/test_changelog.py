"""The changelog speaks of what is being made and of what was released."""

from __future__ import annotations

from pathlib import Path

import jitsi_oac_plugin

CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"


def test_the_changelog_has_an_unreleased_section() -> None:
    """There is always a place for the next line."""
    assert "## [Unreleased]" in CHANGELOG.read_text()


def test_the_version_is_a_development_one_or_in_the_changelog() -> None:
    """A version without a section of its own is one that was not released."""
    version = jitsi_oac_plugin.__version__
    assert ".dev" in version or f"## [{version}]" in CHANGELOG.read_text()
