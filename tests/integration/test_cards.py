"""The card reader's action, on a real PC/SC with a virtual reader and card."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from counter_hooks import DeviceEmpty, DeviceGone
from counter_hooks.plugins import cards
from counter_hooks.testing import FakeAgent
from tests.card_reader import Reader, card_reader, wait_for_reader

DNIE = bytes.fromhex("3B7F960000006A444E496510010155042103 9000")
PASSPORT = bytes.fromhex("3B8880010000000000000000 09".replace(" ", ""))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give one reader for all: the library remembers for good where it found pcscd."""
    folder = tmp_path_factory.mktemp("cards")
    with pytest.MonkeyPatch.context() as patch, card_reader(folder) as made:
        patch.setenv("PCSCLITE_CSOCK_NAME", str(made.door))
        wait_for_reader()
        yield made


def counter(tmp_path: Path, **settings: object) -> FakeAgent:
    """Return a counter whose reader is waited for that long."""
    return FakeAgent({"cards": cards}, {"cards": settings}, folder=tmp_path)


def test_a_card_says_its_kind_and_nothing_else_is_asked(reader: Reader, tmp_path: Path) -> None:
    """The clerk reads what card it is; no command reaches the card."""
    with reader.card(DNIE) as sent:
        told = counter(tmp_path).act("read-card")
    assert told == {
        "identity-card": True,
        "contactless": False,
        "protocols": "T=0",
        "atr": DNIE.hex(" ").upper(),
    }
    assert sent == []


def test_a_card_that_comes_later_is_waited_for(reader: Reader, tmp_path: Path) -> None:
    """The citizen may look for the card while the action runs."""
    told: list[object] = []
    at_counter = counter(tmp_path)
    work = threading.Thread(target=lambda: told.append(at_counter.act("read-card")))
    work.start()
    with reader.card(PASSPORT):
        work.join()
    assert isinstance(told[0], dict)
    assert told[0]["contactless"] is True


def test_without_a_card_the_action_ends(reader: Reader, tmp_path: Path) -> None:
    """Nobody is waited for without end, and a card that was taken out is not there."""
    with reader.card(DNIE):
        counter(tmp_path).act("read-card")
    with pytest.raises(DeviceEmpty):
        counter(tmp_path, wait_s=1.5).act("read-card")


def test_another_reader_and_none_at_all_are_said(reader: Reader, tmp_path: Path) -> None:
    """A reader that is not there, and a PC/SC that does not run, are a device that is away."""
    with pytest.raises(DeviceGone, match="no card reader"):
        counter(tmp_path, reader="another").act("read-card")
    reader.unplug()
    try:
        with pytest.raises(DeviceGone, match="pcscd"):
            counter(tmp_path).act("read-card")
    finally:
        reader.plug_in()
