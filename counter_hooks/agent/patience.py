"""Waits for the person that a scanner needs, and then goes on."""

from __future__ import annotations

from collections.abc import Callable

from counter_hooks.agent.contexts import RunningJob
from counter_hooks.errors import DeviceNeedsHand, JobCancelled
from counter_hooks.model import Attention

# What the scanner itself says is over. Who may sign in, or what nobody understands, is not waited for.
WAITED_FOR = frozenset(
    {
        Attention.FEEDER_EMPTY,
        Attention.FEEDER_JAM,
        Attention.FEEDER_DOUBLE,
        Attention.FEEDER_MISPICK,
        Attention.COVER_OPEN,
        Attention.OUTPUT_FULL,
    }
)
LOOK_AGAIN_S = 2.0
"""How often a scanner is asked whether its lid is closed: it has to be opened for that."""


def scan_with_patience(scan: Callable[[], None], running: RunningJob) -> None:
    """Scan, and again whenever a hand was needed, until the scanner brought what it was to bring.

    Pages that are finished stay; the one that was stuck is scanned anew. That nobody is needed any
    more is told when the next page begins (``RunningJob.begin_page``). Raises what ``scan`` raises.
    """
    while True:
        try:
            scan()
        except DeviceNeedsHand as error:
            if error.reason not in WAITED_FOR:
                raise
            running.needs_attention(error.reason)
            if running.wait(LOOK_AGAIN_S):
                raise JobCancelled(job=running.id) from error
        else:
            return
