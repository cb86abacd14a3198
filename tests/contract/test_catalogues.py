"""The three languages say the same things."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

BRIDGE = Path(__file__).resolve().parents[2] / "bridge"
METHODS = [
    ("**.py", "python"),
    ("static/vendor/**.js", "ignore"),
    ("**.js", "javascript"),
    ("templates/**.html", "jinja2"),
]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
LANGUAGES = ("ca", "es")


def _catalogue(language: str) -> Catalog:
    path = BRIDGE / "translations" / language / "LC_MESSAGES" / "messages.po"
    return read_po(BytesIO(path.read_bytes()), locale=language)


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """Every text that the sources mark for translation."""
    found = extract_from_dir(
        BRIDGE, METHODS, keywords={"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    )
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_untranslated(language: str, texts: set[str]) -> None:
    """Every text has its translation, and none is marked as a guess."""
    catalogue = _catalogue(language)
    lacking = {
        text
        for text in texts
        if not (entry := catalogue.get(text))
        or not all(entry.string if isinstance(entry.string, tuple) else [entry.string])
        or entry.fuzzy
    }
    assert lacking == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_in_vain(language: str, texts: set[str]) -> None:
    """A translation of a text that is not in the sources any more is taken out."""
    kept = {
        entry.id[0] if isinstance(entry.id, tuple) else entry.id
        for entry in _catalogue(language)
        if entry.id
    }
    assert kept - texts == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    """A translation has the placeholders of its text, no more and no fewer."""
    for entry in _catalogue(language):
        if not entry.id:
            continue
        source = entry.id[-1] if isinstance(entry.id, tuple) else entry.id
        strings = entry.string if isinstance(entry.string, tuple) else [entry.string]
        for string in strings:
            assert set(PLACEHOLDER.findall(string)) <= set(PLACEHOLDER.findall(source)), source
        assert set(PLACEHOLDER.findall(strings[-1])) == set(PLACEHOLDER.findall(source)), source
