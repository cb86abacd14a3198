"""Some pages of a document, as people write them: ``1-3,5``."""

from __future__ import annotations

import re

MOST_CHARACTERS = 60
_RANGES = re.compile(r"[1-9]\d{0,3}(-[1-9]\d{0,3})?(,[1-9]\d{0,3}(-[1-9]\d{0,3})?)*")


def ranges_in(pages: str) -> tuple[range, ...] | None:
    """Return the pages that ``pages`` names, None when it makes no sense; empty names none.

    They must rise and may not overlap, as printers want them (RFC 8011, 5.2.7).
    """
    if not pages:
        return ()
    if len(pages) > MOST_CHARACTERS or not _RANGES.fullmatch(pages):
        return None
    found: list[range] = []
    for part in pages.split(","):
        first, _, last = part.partition("-")
        named = range(int(first), int(last or first) + 1)
        if not named or (found and named.start < found[-1].stop):
            return None
        found.append(named)
    return tuple(found)


def last_page(pages: str) -> int:
    """Return the last page that sound ``pages`` name, 0 for all."""
    found = ranges_in(pages)
    return found[-1].stop - 1 if found else 0
