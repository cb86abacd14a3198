"""What the queue refuses, as claims."""

from __future__ import annotations

from bridge.core.errors import N_, NotFound, NotNow, Refused


class TicketElsewhere(NotNow):
    """The ticket is in a state that does not allow this."""

    key = "ticket-elsewhere"
    text = N_("This ticket is no longer where that is possible.")


class TicketAlreadyCalled(NotNow):
    """Another clerk was faster; ``facts["clerk"]`` says who."""

    key = "ticket-already-called"
    text = N_("%(clerk)s has called this ticket already.")


class NobodyWaiting(NotFound):
    """Nobody waits whom this clerk could call."""

    key = "nobody-waiting"
    text = N_("Nobody is waiting.")


class CounterTaken(NotNow):
    """Somebody waits at this counter already."""

    key = "counter-taken"
    text = N_("There is a ticket for this counter already.")


class OfficeClosed(NotNow):
    """Tickets are given out in opening hours only."""

    key = "office-closed"
    text = N_("The office is closed.")


class TooSoon(NotNow):
    """The last call was a moment ago; ``seconds`` says how long a citizen is given."""

    key = "too-soon"
    text = N_("Please give the citizen %(seconds)s seconds to come.")


class TooOften(NotNow):
    """The ticket was called as often as this office calls."""

    key = "too-often"
    text = N_("This ticket was called often enough.")


class NotToday(NotNow):
    """A missed ticket comes back on its own day only."""

    key = "not-today"
    text = N_("This ticket is of another day.")


class TicketEmpty(Refused):
    """A ticket is for one service at least, and for at most five."""

    key = "ticket-empty"
    text = N_("Please choose what you came for.")
