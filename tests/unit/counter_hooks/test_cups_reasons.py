"""What printers' state reasons are taken for."""

from __future__ import annotations

import pytest

from counter_hooks import Attention, PluginRefused
from counter_hooks.plugins import cups_options, cups_printer
from counter_hooks.plugins.cups_printer import Word
from counter_hooks.plugins.cups_reasons import attention, doubt, worth_telling
from counter_hooks.plugins.cups_settings import CupsSettings, decode_settings


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ((), None),
        (("none",), None),
        (("media-jam-warning",), Attention.PAPER_JAM),
        (("media-empty-report", "media-needed-error"), Attention.PAPER_EMPTY),
        (("cups-waiting-for-job-completed", "cover-open"), Attention.COVER_OPEN),
        (("toner-low-warning",), None),
        (("marker-supply-empty-error",), Attention.INK_EMPTY),
        (("output-area-full",), Attention.OUTPUT_FULL),
        (("paused",), Attention.DEVICE_OFFLINE),
        (("input-media-size-change-warning",), Attention.WRONG_MEDIA),
        (("opc-life-over-error",), Attention.INK_EMPTY),
        (("com.example-strange-thing",), None),
    ],
)
def test_a_reason_is_what_a_person_has_to_do(
    reasons: tuple[str, ...], expected: Attention | None
) -> None:
    """Severities do not matter, unknown reasons and low ink ask for nobody."""
    assert attention(reasons) is expected


def test_an_idle_printer_warns_of_low_ink_unless_it_has_worse() -> None:
    """Low ink is told in the list of devices only, and after everything else."""
    assert worth_telling(["toner-low-report"]) is Attention.INK_LOW
    assert worth_telling(["toner-low-report", "media-jam"]) is Attention.PAPER_JAM
    assert worth_telling([]) is None


@pytest.mark.parametrize(
    ("reasons", "message", "is_doubted"),
    [
        (("cups-ipp-missing-job-history",), "", True),
        ((), "Unable to add document to print job.", True),
        (("media-low-report",), "Idle.", False),
        (("cups-ipp-conformance-failure-report",), "", False),
    ],
)
def test_completed_is_doubted_for_a_reason(
    reasons: tuple[str, ...], message: str, *, is_doubted: bool
) -> None:
    """A lost history and a document that was not added are reasons, others are none."""
    assert (doubt(reasons, message) is not None) is is_doubted


@pytest.mark.parametrize("address", ["usb://Maker/Model", "socket://127.0.0.1:9100", ""])
def test_who_does_not_speak_ipp_is_not_asked(address: str) -> None:
    """A printer without IPP says nothing, and no program is started for it."""
    assert cups_printer.word_on(address, "oac-1") is Word.MUTE
    assert cups_printer.state_reasons(address) is None


def test_only_network_printers_can_be_out_of_reach() -> None:
    """Nobody listens at port 9 of this machine; a printer at USB cannot be knocked at."""
    assert not cups_printer.is_reachable("ipp://127.0.0.1:9/ipp/print?contimeout=5")
    assert cups_printer.is_reachable("usb://Maker/Model")


def test_settings_name_their_mistakes() -> None:
    """A misspelt setting is refused by name; none at all are the defaults."""
    assert decode_settings({}) == CupsSettings(server=None, queues=("*",))
    with pytest.raises(PluginRefused, match=r"\[plugins.cups\] sever: .*"):
        decode_settings({"sever": "localhost"})


@pytest.mark.parametrize(
    ("info", "model", "name"),
    [
        ("Printer beside the screen", "Acme 9", "Printer beside the screen"),
        ("COUNTER", "Acme 9 ", "Acme 9"),
        ("", "Acme 9", "Acme 9"),
        ("COUNTER", "", "Printer"),
        (None, None, "Printer"),
    ],
)
def test_a_printer_has_a_name_for_people(info: object, model: object, name: str) -> None:
    """Its description, else its make and model; the queue's name says nothing to a clerk."""
    facts = {"printer-info": info, "printer-make-and-model": model}
    assert cups_options.name_of("COUNTER", facts) == name
