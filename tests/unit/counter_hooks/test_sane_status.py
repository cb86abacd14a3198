"""What scanimage's exit codes, last words and pictures are taken for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    DeviceBusy,
    DeviceGone,
    DeviceNeedsHand,
    HookError,
    JobRefused,
    ResultUnsound,
)
from counter_hooks.plugins.sane_pnm import PnmPage
from counter_hooks.plugins.sane_status import TEXTS, claim, exit_claim, opening_claim
from tests.integration.sane_context import MemoryContext


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        (1, "scanimage: open of device x:1 failed: Invalid argument", DeviceGone),
        (1, "scanimage: open of device x:1 failed: Device busy", DeviceBusy),
        (1, "scanimage: open of device x:1 failed: Access to resource has been denied",
         DeviceNeedsHand),
        (1, "scanimage: unrecognized option '--lamp'", JobRefused),
        (1, "scanimage: setting of option --mode failed (Invalid argument)", JobRefused),
        (1, "Scanned page 1. (scanner status = 1)", DeviceNeedsHand),
        (3, "", DeviceBusy),
        (9, "", DeviceGone),
        (127, "env: 'scanimage': No such file or directory", DeviceNeedsHand),
        (-11, "", DeviceGone),
    ],
)  # fmt: skip
def test_an_exit_is_a_claim(code: int, words: str, expected: type[HookError]) -> None:
    """The exit code decides; for 1 the last line that explains it does."""
    error = exit_claim(code, ["Scanning page 1", words, "Batch terminated"], device="x:1")
    assert type(error) is expected


def test_every_text_of_sane_is_a_claim() -> None:
    """Whatever SANE says when a device does not open, the error carries the device."""
    for text in (*TEXTS, "something new"):
        assert opening_claim(text, device="x:1").facts["device"] == "x:1"
    assert claim(77, device="x:1").key == "device-needs-hand"


def test_a_header_may_come_in_pieces(tmp_path: Path) -> None:
    """Bytes are cut anywhere; comments and rows behind the header are told apart."""
    context = MemoryContext(tmp_path)
    page = PnmPage(context, dpi=300, number=1)
    rows = bytes(range(18))
    for byte in b"P6\n# SANE data follows\n3 2\n255\n" + rows:
        page.feed(bytes([byte]))
    assert page.is_whole
    kept = page.finish()
    assert (kept.width_px, kept.height_px, kept.dpi) == (3, 2, 300)
    assert context.finished[0].rows == rows


def test_bits_become_grey_pixels(tmp_path: Path) -> None:
    """A picture of bits is passed on as black and white bytes, without what fills up its rows."""
    context = MemoryContext(tmp_path)
    page = PnmPage(context, dpi=300, number=1)
    for byte in b"P4\n# SANE data follows\n10 2\n" + bytes([0xA0, 0x7F, 0x00, 0x80]):
        assert not page.is_whole
        page.feed(bytes([byte]))
    assert page.is_whole
    page.finish()
    ink = [[1, 0, 1, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]]
    assert context.finished[0].channels == 1
    assert context.finished[0].rows == bytes(255 * (1 - bit) for row in ink for bit in row)


@pytest.mark.parametrize(
    "begun",
    [{"width": 0}, {"height": 0}, {"kind": b"P1"}, {"greatest": 65535}, {"kind": b"PNG"}],
    ids=str,
)
def test_a_header_that_promises_no_picture(tmp_path: Path, begun: dict[str, Any]) -> None:
    """Empty, written out, 16 bit or foreign pictures are refused before a page begins."""
    head = {"kind": b"P6", "width": 8, "height": 8, "greatest": 255, **begun}
    context = MemoryContext(tmp_path)
    page = PnmPage(context, dpi=300, number=1)
    with pytest.raises(ResultUnsound):
        page.feed(b"%(kind)b\n%(width)d %(height)d\n%(greatest)d\n" % {
            key.encode(): value for key, value in head.items()
        } + bytes(8192))  # fmt: skip
    assert context.begun == []
