"""Plain values from outside that every database and encoder can hold."""

from __future__ import annotations

DEPTH = 32
_LARGEST = 2**63


def is_sound(value: object) -> bool:
    """Say whether plain JSON holds only what can be kept.

    No text with NUL (PostgreSQL has none) or a lone surrogate (UTF-8 has none), no number beyond
    64 bits, nothing nested deeper than ``DEPTH``.
    """
    layer = [value]
    for _ in range(DEPTH):
        inner: list[object] = []
        for one in layer:
            if isinstance(one, dict):
                inner += one.keys()
                inner += one.values()
            elif isinstance(one, list | tuple):
                inner += one
            elif isinstance(one, str):
                if not is_text(one):
                    return False
            elif isinstance(one, int) and not -_LARGEST <= one < _LARGEST:
                return False
        if not inner:
            return True
        layer = inner
    return False


def is_text(value: str) -> bool:
    """Say whether text can be kept: without NUL, and with a form in UTF-8."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
