"""What IPP's state reasons mean for a person, and when "completed" is to be believed.

Keywords: RFC 8011, 5.4.12 (printer-state-reasons) and PWG 5100.13; CUPS adds its own. Each may
carry the suffix ``-report``, ``-warning`` or ``-error``.
"""

from __future__ import annotations

from collections.abc import Iterable

from counter_hooks import Attention

_SUFFIXES = ("-report", "-warning", "-error")

_MEANINGS = {
    "media-empty": Attention.PAPER_EMPTY,
    "media-needed": Attention.PAPER_EMPTY,
    "input-tray-missing": Attention.PAPER_EMPTY,
    "media-jam": Attention.PAPER_JAM,
    "cover-open": Attention.COVER_OPEN,
    "door-open": Attention.COVER_OPEN,
    "interlock-open": Attention.COVER_OPEN,
    "output-area-full": Attention.OUTPUT_FULL,
    "output-tray-missing": Attention.OUTPUT_FULL,
    "marker-supply-empty": Attention.INK_EMPTY,
    "toner-empty": Attention.INK_EMPTY,
    "developer-empty": Attention.INK_EMPTY,
    "opc-life-over": Attention.INK_EMPTY,
    "marker-waste-full": Attention.INK_EMPTY,
    "marker-waste-receptacle-full": Attention.INK_EMPTY,
    "shutdown": Attention.DEVICE_OFFLINE,
    "timed-out": Attention.DEVICE_OFFLINE,
    "offline": Attention.DEVICE_OFFLINE,
    "paused": Attention.DEVICE_OFFLINE,
    "moving-to-paused": Attention.DEVICE_OFFLINE,
    "input-media-size-change": Attention.WRONG_MEDIA,
    "input-media-type-change": Attention.WRONG_MEDIA,
    "input-media-form-parts-change": Attention.WRONG_MEDIA,
    "media-path-jam": Attention.PAPER_JAM,
    "output-stacker-full": Attention.OUTPUT_FULL,
    "auth-info-required": Attention.NEEDS_LOGIN,
    "cups-missing-filter": Attention.UNKNOWN,
    "other": Attention.UNKNOWN,
}
# Warned of early enough that the next page still comes out.
_LOW = {
    "marker-supply-low": Attention.INK_LOW,
    "toner-low": Attention.INK_LOW,
    "developer-low": Attention.INK_LOW,
    "marker-waste-almost-full": Attention.INK_LOW,
}

FORGOTTEN = "cups-ipp-missing-job-history"


def bare(reason: str) -> str:
    """Return ``reason`` without its severity."""
    for suffix in _SUFFIXES:
        if reason.endswith(suffix):
            return reason.removesuffix(suffix)
    return reason


def attention(reasons: Iterable[str]) -> Attention | None:
    """Return what a person has to do so that paper comes out, None when nothing.

    Low ink is nothing yet. Of several reasons the first one known counts: printers name the
    gravest first.
    """
    for reason in reasons:
        meaning = _MEANINGS.get(bare(reason))
        if meaning is not None:
            return meaning
    return None


def worth_telling(reasons: Iterable[str]) -> Attention | None:
    """Return what a device list should say of an idle printer, low ink included."""
    known = tuple(reasons)
    low = (_LOW.get(bare(reason)) for reason in known)
    return attention(known) or next((meaning for meaning in low if meaning), None)


def doubt(reasons: Iterable[str], message: str) -> str | None:
    """Return why a job that CUPS calls completed (state 9) may not have come out, else None.

    Asked only when the printer itself did not say. A printer that lost power in the job and
    forgot it, a file that no filter took: CUPS 2.4 calls both completed.
    """
    if FORGOTTEN in {bare(reason) for reason in reasons}:
        return "the printer does not remember the job"
    if "unable to" in message.lower():
        return message
    return None
