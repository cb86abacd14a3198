"""Pages that the counter's own screen brings: what was signed on it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.counters import jobs, screen
from bridge.counters.jobs import JobElsewhere
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, signing
from bridge.documents.arrivals import Part
from bridge.visits import devices, finding
from bridge.visits.errors import FormUnknown
from bridge.visits.tools import Tools

# Said under a signature, in the citizen's language.
_WHERE = {
    "ca": "Firmat en la pantalla: {counter}",
    "es": "Firmado en la pantalla: {counter}",
    "en": "Signed on the screen: {counter}",
}


def sign(db: Db, tools: Tools, job: DeviceJob, image: bytes, *, now: datetime) -> None:
    """Keep the declaration with the name under it; to sign is to allow it.

    Raises ``NotFound`` for another job, ``JobElsewhere``, ``PageUnreadable``, ``PageTooLarge``,
    ``SignatureEmpty``, ``FormUnknown``.
    """
    if job.device_id != screen.SIGNATURE:
        raise NotFound(job=job.id)
    if job.state is not JobState.AWAITING_CONSENT:
        raise JobElsewhere(state=job.state, job=job.id)
    lines = signing.cleaned(image)
    visit, form = finding.open_at(db, job.counter_id), tools.procedures.form(job.purpose)
    if visit is None or form is None:
        raise FormUnknown(form=job.purpose)
    where = _WHERE[visit.ticket.language].format(counter=visit.counter.name)
    page = signing.sheet(devices.form_text(visit, form), lines, where=where)
    devices.consent(db, tools, job, allow=True, now=now)
    part = Part(content=page, first=0, total=len(page), sha256=hashlib.sha256(page).hexdigest())
    arrivals.receive(db, tools.store, job, 1, part=part, now=now)
    jobs.produce_on_screen(db, job, now=now)
