"""What a ticket printer says of itself, and what that means to people.

A printer answers ``DLE EOT n`` at once, whatever it is doing, and ``GS r 1`` in the order of what
it was sent: when that answer comes, everything before it is on paper (Epson's command reference).
The fixed bits of a byte tell the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from counter_hooks import Attention


class Ask(IntEnum):
    """What ``DLE EOT`` asks for."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4


# By question the bits that matter, the most telling first.
MEANING: tuple[tuple[Ask, int, Attention], ...] = (
    (Ask.OFFLINE_CAUSE, 0x04, Attention.COVER_OPEN),
    (Ask.PAPER, 0x60, Attention.PAPER_EMPTY),
    (Ask.OFFLINE_CAUSE, 0x20, Attention.PAPER_EMPTY),
    (Ask.ERROR_CAUSE, 0x08, Attention.PAPER_JAM),  # the cutter is blocked
    (Ask.ERROR_CAUSE, 0x40, Attention.DEVICE_BUSY),  # the head is hot, and cools down by itself
    (Ask.ERROR_CAUSE, 0x20, Attention.UNKNOWN),
    (Ask.PRINTER, 0x08, Attention.DEVICE_OFFLINE),
)
ASKED_AT_ONCE = tuple(Ask)
FENCE = b"\x1dr\x01"


def question(ask: Ask) -> bytes:
    """Return the bytes that ask at once."""
    return b"\x10\x04" + bytes([ask])


def is_answer(byte: int) -> bool:
    """Say whether a byte answers ``DLE EOT``."""
    return byte & 0b1001_0011 == 0b0001_0010


def is_fence(byte: int) -> bool:
    """Say whether a byte answers ``FENCE``."""
    return byte & 0b1001_0000 == 0


def attention_of(answers: Mapping[Ask, int]) -> Attention | None:
    """Return what a person must do, None when the printer is ready."""
    for ask, bits, attention in MEANING:
        if answers.get(ask, 0) & bits:
            return attention
    return None
