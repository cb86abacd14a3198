"""What SANE's status numbers and texts mean at the counter (SANE standard 4.2.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from counter_hooks import (
    Attention,
    DeviceBusy,
    DeviceError,
    DeviceGone,
    DeviceNeedsHand,
    HookError,
    JobCancelled,
    JobRefused,
    ResultUnsound,
)

GOOD, UNSUPPORTED, CANCELLED, BUSY, INVALID, END_OF_FILE = range(6)
JAMMED, NO_DOCUMENTS, COVER_OPEN, IO_ERROR, NO_MEMORY, ACCESS_DENIED = range(6, 12)

# The texts of sane_strstatus() in the C locale.
TEXTS = {
    "Operation not supported": UNSUPPORTED,
    "Operation was canceled": CANCELLED,
    "Operation was cancelled": CANCELLED,
    "Device busy": BUSY,
    "Invalid argument": INVALID,
    "End of file reached": END_OF_FILE,
    "Document feeder jammed": JAMMED,
    "Document feeder out of documents": NO_DOCUMENTS,
    "Scanner cover is open": COVER_OPEN,
    "Error during device I/O": IO_ERROR,
    "Out of memory": NO_MEMORY,
    "Access to resource has been denied": ACCESS_DENIED,
}

_HANDS = {
    JAMMED: Attention.FEEDER_JAM,
    NO_DOCUMENTS: Attention.FEEDER_EMPTY,
    COVER_OPEN: Attention.COVER_OPEN,
    ACCESS_DENIED: Attention.NEEDS_LOGIN,
}

_CLAIMS: dict[int, Callable[..., DeviceError]] = {
    CANCELLED: JobCancelled,
    BUSY: DeviceBusy,
    END_OF_FILE: ResultUnsound,
    # A pulled cable, a dead network scanner and a switched-off one all arrive as an I/O error.
    IO_ERROR: DeviceGone,
}

_NOT_OPENED = re.compile(r"open of device .* failed: (?P<text>.+)")
_REFUSED = re.compile(r"unrecognized option|setting of option .* failed|[Bb]ad option|ambiguous")


def claim(status: int, *, device: str) -> DeviceError:
    """Return the error that a bad SANE status during a scan amounts to."""
    facts = {"device": device, "sane_status": status}
    if status in _CLAIMS:
        return _CLAIMS[status](f"SANE status {status} from {device}", **facts)
    reason = _HANDS.get(status, Attention.UNKNOWN)
    return DeviceNeedsHand(reason, f"SANE status {status} from {device}", **facts)


def opening_claim(text: str, *, device: str) -> DeviceError:
    """Return the error for a device that could not be opened, from SANE's status text.

    Here "invalid argument" means that SANE knows no device of this name (any more).
    """
    status = TEXTS.get(text.strip(), IO_ERROR)
    return claim(IO_ERROR if status == INVALID else status, device=device)


def exit_claim(code: int, lines: Sequence[str], *, device: str) -> HookError:
    """Return what scanimage's exit code and last words amount to.

    Its exit code is the status number, but 1 also stands for everything before the scan: the
    device did not open, or did not take an option. A negative code is the signal that ended it:
    backends are known to crash when their device vanishes.
    """
    if code < 0:
        return DeviceGone(f"scanimage ended by signal {-code}", device=device, signal=-code)
    for line in reversed(lines) if code == UNSUPPORTED else ():
        if match := _NOT_OPENED.search(line):
            return opening_claim(match["text"], device=device)
        if _REFUSED.search(line):
            return JobRefused(f"the scanner did not take an option: {line}", device=device)
    return claim(code, device=device)
