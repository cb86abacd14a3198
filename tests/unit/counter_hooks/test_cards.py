"""What cards announce of themselves, and the settings of their reader."""

from __future__ import annotations

import pytest

from counter_hooks import PluginRefused
from counter_hooks.plugins import cards
from tests.support import require


@pytest.mark.parametrize(
    ("atr", "is_identity_card", "is_contactless", "protocols"),
    [
        ("3B7F380000006A444E4965 20024C3401130390 00", True, False, "T=0"),
        ("3B7F960000006A444E496510010155042103 9000", True, False, "T=0"),
        ("3B8F8001804F0CA000000306030001000000006A", False, True, "T=0, T=1"),
        ("3BFF1800008131FE4580 31C06477E903FF1F0F9000AA", False, False, "T=1"),
        ("3F", False, False, "T=0"),
        ("", False, False, "T=0"),
        ("3BFFFF", False, False, "T=0"),
    ],
)
def test_a_card_is_known_by_its_answer(
    atr: str, is_identity_card: bool, is_contactless: bool, protocols: str
) -> None:
    """Whole answers are told apart, and broken ones do no harm."""
    content = bytes.fromhex(atr)
    told = cards.described(content)
    assert told["identity-card"] is is_identity_card
    assert told["contactless"] is is_contactless
    assert told["protocols"] == protocols
    assert bytes.fromhex(str(told["atr"])) == content


@pytest.mark.parametrize(
    "table", [{"reader": 7}, {"wait_s": 0}, {"wait_s": True}, {"wait_s": 1000}, {"colour": "red"}]
)
def test_settings_that_make_no_sense_are_said(table: dict[str, object]) -> None:
    """The plugin is left out, and its table is named."""
    with pytest.raises(PluginRefused, match=r"plugins\.cards"):
        cards.register_actions(table)


def test_the_action_describes_itself() -> None:
    """What the desk shows of it is sound."""
    require("cards", module="smartcard")
    from counter_hooks.actions import mistakes_of

    (action,) = cards.register_actions({"wait_s": 300})
    assert list(mistakes_of(action)) == []
