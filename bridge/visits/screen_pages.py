"""Pages that the counter's own screen brings: what was signed on it, and pictures of papers."""

from __future__ import annotations

import hashlib
from datetime import datetime

from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.counters import screen, screen_jobs
from bridge.counters.jobs import JobElsewhere
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, pictures, signing
from bridge.documents.arrivals import Part
from bridge.visits import devices, finding
from bridge.visits.errors import FormUnknown
from bridge.visits.rules import PictureFault
from bridge.visits.tools import Tools

# Said under a signature, in the citizen's language.
_WHERE = {
    "ca": "Firmat en la pantalla: {counter}",
    "es": "Firmado en la pantalla: {counter}",
    "en": "Signed on the screen: {counter}",
}


def signed(db: Db, tools: Tools, job: DeviceJob, image: bytes) -> bytes:
    """Return the declaration with the name under it; nothing is kept yet.

    Raises ``NotFound`` for another job, ``JobElsewhere``, ``PageUnreadable``, ``SignatureEmpty``,
    ``FormUnknown``, ``DeclarationTooLong``.
    """
    _check_is_signed_now(job)
    lines = signing.cleaned(image)
    visit, form = finding.open_at(db, job.counter_id), tools.procedures.form(job.purpose)
    if visit is None or form is None:
        raise FormUnknown(form=job.purpose)
    where = _WHERE[visit.ticket.language].format(counter=visit.counter.name)
    return signing.sheet(devices.form_text(visit, form), lines, where=where)


def sign(db: Db, tools: Tools, job: DeviceJob, page: bytes, *, now: datetime) -> None:
    """Keep what was signed; to sign is to allow it.

    Raises ``NotFound`` for another job, ``JobElsewhere``, ``PageTooLarge``.
    """
    _check_is_signed_now(job)
    devices.consent(db, tools, job, allow=True, now=now)
    _keep(db, tools, job, page, now=now)


def photograph(
    db: Db, tools: Tools, job: DeviceJob, picture: bytes, *, width_mm: float, now: datetime
) -> None:
    """Keep a picture of a paper; ``width_mm`` is how much of the table it shows, 0 if unknown.

    Raises ``NotFound`` for another job, ``JobElsewhere``, ``PageUnreadable``, ``PageTooLarge``,
    ``PictureTooSmall``.
    """
    _check_is_taken_now(job)
    page = pictures.measured(picture, width_mm=width_mm)
    job.options = page.options
    db.flush()
    _keep(db, tools, job, page.content, now=now)


def miss_picture(db: Db, job: DeviceJob, fault: PictureFault, *, now: datetime) -> None:
    """Note why there is no picture. Raises ``NotFound`` for another job, ``JobElsewhere``."""
    _check_is_taken_now(job)
    screen_jobs.end(db, job, fault=fault.value, now=now)


def _check_is_signed_now(job: DeviceJob) -> None:
    if job.device_id != screen.SIGNATURE:
        raise NotFound(job=job.id)
    if job.state is not JobState.AWAITING_CONSENT:
        raise JobElsewhere(state=job.state, job=job.id)


def _check_is_taken_now(job: DeviceJob) -> None:
    if job.device_id != screen.CAMERA:
        raise NotFound(job=job.id)
    if job.state is not JobState.QUEUED:
        raise JobElsewhere(state=job.state, job=job.id)


def _keep(db: Db, tools: Tools, job: DeviceJob, page: bytes, *, now: datetime) -> None:
    part = Part(content=page, first=0, total=len(page), sha256=hashlib.sha256(page).hexdigest())
    arrivals.receive(db, tools.store, job, 1, part=part, now=now)
    screen_jobs.end(db, job, now=now)
