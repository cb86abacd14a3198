"""Which of the counter's cameras the meeting shows: the clerk orders, the kiosk switches."""

from __future__ import annotations

from bridge.core.db import Db
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.rules import IN_MEETING
from bridge.visits import finding
from bridge.visits.models import Visit
from bridge.visits.rules import Camera, CameraFault


def order(db: Db, visit: Visit, camera: Camera) -> None:
    """Have the kiosk show its person or its document. Raises ``TicketElsewhere``."""
    if visit.ended_at is not None or visit.ticket.state not in IN_MEETING:
        raise TicketElsewhere(state=visit.ticket.state, ticket=visit.ticket_id)
    if visit.camera is camera and visit.camera_fault is None:
        return
    visit.camera = camera
    visit.camera_fault = None
    db.flush()
    finding.tell(db, visit, "camera-ordered")


def give_up(db: Db, visit: Visit, fault: CameraFault) -> None:
    """Note why the document cannot be shown; the person is shown again.

    An order that has been withdrawn meanwhile needs no answer.
    """
    if visit.camera is Camera.PERSON:
        return
    visit.camera = Camera.PERSON
    visit.camera_fault = fault
    db.flush()
    finding.tell(db, visit, "camera-missing")
