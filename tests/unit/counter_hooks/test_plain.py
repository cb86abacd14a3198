"""What may come in as plain values."""

from __future__ import annotations

import pytest

from counter_hooks.plain import DEPTH, is_sound


def nested(depth: int) -> object:
    """Return lists in lists, ``depth`` of them."""
    value: object = "inside"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 1.5, "València 💥", b"\0", [], {"a": [{"b": "c"}]}, 2**63 - 1, nested(DEPTH - 1)],
)
def test_what_can_be_kept(value: object) -> None:
    """Usual values pass, binary attachments too."""
    assert is_sound(value)


@pytest.mark.parametrize(
    "value",
    ["a\0", "\ud800", {"\0": 1}, [{"a": ["\0"]}], {"a": ("\udfff",)}, 2**63, -(10**30)],
)
def test_what_no_database_or_encoder_holds(value: object) -> None:
    """NUL, lone surrogates and numbers without end are found wherever they are."""
    assert not is_sound(value)


def test_what_is_nested_too_deep() -> None:
    """Depth has an end, and a very deep value does not make the look at it fall."""
    assert not is_sound(nested(DEPTH))
    assert not is_sound(nested(100_000))
