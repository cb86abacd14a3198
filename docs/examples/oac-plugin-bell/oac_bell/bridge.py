"""In the server: a ring when a citizen is called, and a procedure that uses the counter's button."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from counter_hooks import TicketView, hookimpl
from oac_bell import ring


@hookimpl
def register_procedures() -> list[Path]:
    """Bring the procedure in the file beside this one."""
    return [Path(__file__).with_name("bell.toml")]


@hookimpl
def ticket_called(ticket: TicketView, settings: Mapping[str, object]) -> None:
    """Ring in the hall; twice for whoever comes before the others."""
    ring(settings, times=2 if ticket.priority == 1 else 1)
