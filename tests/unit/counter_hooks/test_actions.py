"""Forms and results of actions: what fits is taken, and nothing else travels."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from counter_hooks import Action, Choice, DeviceGone, Field, FieldKind, PluginRefused, Row, Text
from counter_hooks.actions import ValueUnfit, checked_answer, checked_values, mistakes_of
from counter_hooks.plugins import drawer
from counter_hooks.testing import FakeAgent
from counter_hooks.wire import ActionEntry, Offer, decode, encode

TEXT = Text(ca="c", es="e", en="n")
FIELDS = (
    Field(key="name", label=TEXT, least=2, most=5),
    Field(key="times", label=TEXT, kind=FieldKind.NUMBER, least=1, most=3, is_required=True),
    Field(
        key="which",
        label=TEXT,
        kind=FieldKind.CHOICE,
        choices=(Choice(key="left", label=TEXT), Choice(key="right", label=TEXT)),
    ),
    Field(key="loud", label=TEXT, kind=FieldKind.TICK),
)
ROWS = (Row(key="read", label=TEXT),)


def test_values_that_fit_are_taken() -> None:
    """Each kind of field takes its kind of value, and what is left empty is left out."""
    given = {"name": "Ana", "times": 2, "which": "left", "loud": True}
    assert checked_values(FIELDS, given) == given
    assert checked_values(FIELDS, {"times": 1.5, "name": "", "which": None}) == {"times": 1.5}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "times"),
        ({"times": 0}, "times"),
        ({"times": True}, "times"),
        ({"times": math.nan}, "times"),
        ({"times": "2"}, "times"),
        ({"times": 1, "name": "x"}, "name"),
        ({"times": 1, "name": "too long"}, "name"),
        ({"times": 1, "name": "a\x1b]"}, "name"),
        ({"times": 1, "which": "up"}, "which"),
        ({"times": 1, "which": ["left"]}, "which"),
        ({"times": 1, "loud": "yes"}, "loud"),
        ({"times": 1, "stranger": 1}, "stranger"),
    ],
)
def test_values_that_do_not_fit_name_their_field(given: dict[str, object], field: str) -> None:
    """The field is named, the value is not repeated."""
    with pytest.raises(ValueUnfit) as caught:
        checked_values(FIELDS, given)
    assert caught.value.facts == {"field": field}


@pytest.mark.parametrize(
    "given",
    [
        7,
        ["read"],
        {"other": 1},
        {"read": None},
        {"read": b"x"},
        {"read": math.inf},
        {"read": "x" * 501},
        {"read": "a\0b"},
        {"read": "\ud800"},
        {"read": 2**63},
    ],
)
def test_an_answer_that_cannot_be_shown_is_refused(given: object) -> None:
    """Only declared rows with short plain values are shown."""
    with pytest.raises(ValueUnfit):
        checked_answer(ROWS, given)
    assert checked_answer(ROWS, {"read": "3B 67"}) == {"read": "3B 67"}
    assert checked_answer(ROWS, None) == {}


@pytest.mark.parametrize(
    "field",
    [
        Field(key="x", label=TEXT, kind=FieldKind.CHOICE),
        Field(key="x", label=TEXT, choices=(Choice(key="a", label=TEXT),)),
        Field(key="x", label=TEXT, kind="date"),  # type: ignore[arg-type]
        Field(key="X", label=TEXT),
        Field(key="x", label=Text(ca="c", es="", en="n")),
        Field(key="x", label=Text(ca="c", es="e\0", en="n")),
        Field(key="x", label=TEXT, least=0.5),  # type: ignore[arg-type]
        Field(key="x", label=TEXT, most=True),
        Field(key="x", label=TEXT, most=2**53),
        Field(
            key="x",
            label=TEXT,
            kind=FieldKind.CHOICE,
            choices=tuple(Choice(key=f"c{number}", label=TEXT) for number in range(41)),
        ),
    ],
)
def test_a_form_that_cannot_be_shown_is_a_mistake(field: Field) -> None:
    """Fields are looked at before anybody is offered them."""

    class Formed(Action):
        key = "formed"
        title = consent = TEXT
        fields = (field,)

        def run(self, job: object, context: object) -> dict[str, int]:
            return {}

    assert list(mistakes_of(Formed()))


def test_an_action_travels_whole(tmp_path: Path) -> None:
    """What the bridge reads off the wire is what the plugin described."""
    (opened,) = drawer.register_actions({"device": str(tmp_path / "lp0"), "drawers": 2})
    entry = ActionEntry.of(opened)
    plain = encode(Offer(actions=[entry]))
    assert decode(Offer, plain).actions == [entry]
    assert list(mistakes_of(entry)) == []


def test_the_drawer_opens(tmp_path: Path) -> None:
    """The printer gets the pulse for the drawer that was chosen."""
    printer = tmp_path / "lp0"
    printer.touch()
    settings = {"drawer": {"device": str(printer), "drawers": 2}}
    counter = FakeAgent({"drawer": drawer}, settings, folder=tmp_path)
    assert counter.act("open-drawer", drawer="second") == {}
    assert printer.read_bytes() == b"\x1bp\x01\x19\xfa"
    printer.unlink()
    with pytest.raises(DeviceGone):
        counter.act("open-drawer", drawer="first")
    with pytest.raises(ValueUnfit):
        counter.act("open-drawer")


@pytest.mark.parametrize("table", [{}, {"device": 7}, {"device": "x", "drawers": 3}])
def test_a_drawer_without_sound_settings_is_left_out(table: dict[str, object]) -> None:
    """Mistakes in the table are said, and the plugin is not used."""
    with pytest.raises(PluginRefused, match=r"plugins\.drawer"):
        FakeAgent({"drawer": drawer}, {"drawer": table})
