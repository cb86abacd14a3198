"""The built-in order of the queue: priority, then time of issue."""

from __future__ import annotations

from collections.abc import Sequence

from counter_hooks import TicketView, hookimpl


@hookimpl(trylast=True)
def next_ticket(waiting: Sequence[TicketView]) -> str:
    """Choose the ticket of the first priority that was issued earliest; the order given breaks a tie."""
    return min(waiting, key=lambda ticket: (ticket.priority, ticket.issued_at)).id
