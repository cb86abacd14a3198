"""The three languages say the same things."""

from __future__ import annotations

import re

import pytest

from tests.contract.renew_catalogues import (
    BRIDGE,
    LANGUAGES,
    from_sources,
    read,
    said,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MARKED = re.compile(r"""\b(?:_|N_|n?gettext)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """Every text that the sources mark for translation, of plural ones the singular."""
    ids = (message.id for message in from_sources() if message.id)
    return {one[0] if isinstance(one, tuple) else one for one in ids}


def test_no_marked_text_is_overlooked(texts: set[str]) -> None:
    """The extraction, which sees no calls inside template literals, finds whatever is marked."""
    sources = [
        file
        for file in BRIDGE.rglob("*")
        if file.suffix in (".py", ".js", ".html") and "vendor" not in file.parts
    ]
    marked = {
        literal[1:-1] for file in sources for literal in MARKED.findall(file.read_text("utf-8"))
    }
    assert marked - texts == set()
    assert texts - marked == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_untranslated(language: str, texts: set[str]) -> None:
    """Every text has its translation, and none is marked as a guess."""
    catalogue = read(language)
    lacking = {text for text in texts if not (entry := catalogue.get(text)) or not said(entry)}
    assert lacking == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_in_vain(language: str, texts: set[str]) -> None:
    """A translation of a text that is not in the sources any more is taken out."""
    kept = {
        entry.id[0] if isinstance(entry.id, tuple) else entry.id
        for entry in read(language)
        if entry.id
    }
    assert kept - texts == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    """A translation has the placeholders of its text, no more and no fewer."""
    for entry in read(language):
        if not entry.id:
            continue
        source = entry.id[-1] if isinstance(entry.id, tuple) else entry.id
        strings = entry.string if isinstance(entry.string, tuple) else [entry.string]
        for string in strings:
            assert set(PLACEHOLDER.findall(string)) <= set(PLACEHOLDER.findall(source)), source
        assert set(PLACEHOLDER.findall(strings[-1])) == set(PLACEHOLDER.findall(source)), source
