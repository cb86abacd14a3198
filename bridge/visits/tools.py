"""What visits need besides the database: procedures, documents, meetings, the order of the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app

from bridge.documents.store import DocumentStore
from bridge.meetings import Meetings
from bridge.meetings.health import Health
from bridge.procedures.service import Procedures
from bridge.tickets.waiting import Choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The parts of one bridge that visits are made with.

    ``plugins_off`` names those not used, ``documents_days`` says how long papers are kept.
    """

    procedures: Procedures
    store: DocumentStore
    meetings: Meetings
    health: Health
    choose: Choose
    plugins_off: Callable[[], tuple[str, ...]]
    documents_days: float


def install(app: Flask, tools_: Tools) -> None:
    """Make ``tools_`` known to the handlers of ``app``."""
    app.extensions["oac_visits"] = tools_


def tools() -> Tools:
    """Return the tools of the bridge that answers this request."""
    found: Tools = current_app.extensions["oac_visits"]
    return found
