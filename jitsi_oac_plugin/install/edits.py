"""Marked pieces in files that belong to somebody else: put in, found again, taken out exactly.

A piece stands between two marks and leaves everything around it as it was, so that taking it out
gives the file back byte for byte, and what an administrator changed elsewhere stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jitsi_oac_plugin.errors import LayoutUnknown

NAME = "oac-jitsi"
_LINES = re.compile(
    rf"(?P<joint>\n?)^(?P<comment>\S+) {NAME}: begin(?P<joined> after a line without end)?\n"
    rf"(?P<body>(?:.*\n)*?)(?P=comment) {NAME}: end\n",
    re.MULTILINE,
)
_INLINE = re.compile(rf" --\[\[{NAME}:\]\](?P<body>[^\n]*?)--\[\[:{NAME}\]\]")
_OUT = re.compile(rf"^#{NAME}#", re.MULTILINE)
_ANY = re.compile(rf"{NAME}: (?:begin|end)|--\[\[:?{NAME}:?\]\]|^#{NAME}#", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file without our pieces, and the pieces in the order in which they stood."""

    text: str
    pieces: tuple[str, ...]


def block(text: str, lines: str, *, comment: str) -> str:
    """Return ``text`` with ``lines`` at its end, as a marked block."""
    return insert_block(text, len(text), lines, comment=comment)


def insert_block(text: str, position: int, lines: str, *, comment: str) -> str:
    """Return ``text`` with a marked block at ``position``, which has to begin a line."""
    joined = position > 0 and text[position - 1] != "\n"
    head = f"\n{comment} {NAME}: begin after a line without end\n" if joined else ""
    head = head or f"{comment} {NAME}: begin\n"
    piece = f"{head}{lines.rstrip()}\n{comment} {NAME}: end\n"
    return text[:position] + piece + text[position:]


def insert_in_list(text: str, brace: int, items: tuple[str, ...]) -> str:
    """Return ``text`` with marked strings in the Lua list whose brace is at ``brace``."""
    inside = "".join(f' "{item}";' for item in items)
    piece = f" --[[{NAME}:]]{inside} --[[:{NAME}]]"
    return text[: brace + 1] + piece + text[brace + 1 :]


def line_out(text: str, pattern: re.Pattern[str]) -> str:
    """Return ``text`` with the lines that ``pattern`` matches made into marked comments."""
    return pattern.sub(lambda found: f"#{NAME}#{found.group()}", text)


def strip(text: str, *, name: str) -> Stripped:
    """Take all our pieces out of ``text``; ``name`` says which file, when a mark makes no sense.

    Raises ``LayoutUnknown`` when a mark is left that belongs to no whole piece.
    """
    pieces: list[tuple[int, str]] = []

    def take_lines(found: re.Match[str]) -> str:
        pieces.append((found.start(), found["body"]))
        return "" if found["joined"] else found["joint"]

    def take_inline(found: re.Match[str]) -> str:
        pieces.append((found.start(), found["body"].strip()))
        return ""

    bare = _OUT.sub("", _INLINE.sub(take_inline, _LINES.sub(take_lines, text)))
    if left := _ANY.search(bare):
        line = bare.count("\n", 0, left.start()) + 1
        raise LayoutUnknown(
            f"{name} has a mark of {NAME} that is not whole, near line {line}: please take that "
            "piece out by hand, or give it back its beginning and end."
        )
    return Stripped(bare, tuple(body for _, body in pieces))
