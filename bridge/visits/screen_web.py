"""The kiosk's own devices: what they are, and what was done with them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, make_response, request

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import refusals_kept
from bridge.core.errors import Refused
from bridge.core.security import limited
from bridge.core.web import database, decode_body, now, settings
from bridge.counters import screen, screen_jobs
from bridge.counters.models import Counter
from bridge.counters.screen import ScreenTool
from bridge.counters.web import current_kiosk
from bridge.documents.errors import PageTooLarge
from bridge.documents.rules import MOST_PAGE_BYTES
from bridge.documents.signing import MOST_SIGNATURE_BYTES
from bridge.visits import devices, screen_pages, screens
from bridge.visits.rules import PictureFault
from bridge.visits.tools import tools

pages = Blueprint("screen", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellable:
    """What the screen can do."""

    devices: list[ScreenTool]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPicture:
    """Why a paper could not be photographed."""

    fault: PictureFault


@pages.put("/api/kiosk/devices")
def tell_devices() -> Response:
    """Note what the screen can do."""
    counter = current_kiosk()
    told = decode_body(Tellable).devices
    with database().transaction() as db:
        screen.tell(db, counter.id, told, now=now())
    return make_response("", 204)


@pages.put("/api/kiosk/jobs/<job_id>/signature")
@limited("pictures", by="caller")
def sign(job_id: str) -> Response:
    """Keep what was signed; what can never be a signature is refused, and that is recorded."""
    counter = current_kiosk()
    with _refusals_kept(counter, job_id):
        image = _image("image/png", most_bytes=MOST_SIGNATURE_BYTES)
        # Drawn before anything is locked that others write.
        with database().reading() as db:
            job = devices.job_on_screen(db, counter.id, job_id)
            page = screen_pages.signed(db, tools(), job, image)
        with database().transaction() as db:
            job = devices.job_on_screen(db, counter.id, job_id)
            screen_pages.sign(db, tools(), job, page, now=now())
            db.flush()
            return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))


@pages.put("/api/kiosk/jobs/<job_id>/picture")
@limited("pictures", by="caller")
def photograph(job_id: str) -> Response:
    """Keep a picture of a paper; what can never be one is refused, and that is recorded."""
    counter = current_kiosk()
    width_mm = settings().jobs.width_mm_at(counter.key)
    with _refusals_kept(counter, job_id):
        picture = _image("image/jpeg", most_bytes=MOST_PAGE_BYTES)
        with database().transaction() as db:
            job = devices.job_on_screen(db, counter.id, job_id)
            screen_pages.photograph(db, tools(), job, picture, width_mm=width_mm, now=now())
            db.flush()
            return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))


@pages.post("/api/kiosk/jobs/<job_id>/picture-fault")
def miss_picture(job_id: str) -> Response:
    """Say why there is no picture."""
    counter = current_kiosk()
    fault = decode_body(NoPicture).fault
    with database().transaction() as db:
        job = devices.job_on_screen(db, counter.id, job_id)
        screen_pages.miss_picture(db, job, fault, now=now())
        db.flush()
        return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))


@pages.post("/api/kiosk/jobs/<job_id>/paper")
def ask_for_paper(job_id: str) -> Response:
    """Sign on paper instead."""
    counter = current_kiosk()
    with database().transaction() as db:
        job = devices.job_on_screen(db, counter.id, job_id)
        if job.device_id != screen.SIGNATURE:
            raise Refused(fields="job")
        screen_jobs.refuse_for_paper(db, job, now=now())
        db.flush()
        return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))


def _image(media_type: str, *, most_bytes: int) -> bytes:
    """Return the image in the request, one byte more where it is too large."""
    if request.mimetype != media_type:
        raise Refused(header="Content-Type")
    if (request.content_length or 0) > most_bytes:
        raise PageTooLarge(most_mib=max(1, most_bytes // 2**20))
    return request.stream.read(most_bytes + 1)


def _refusals_kept(counter: Counter, job_id: str) -> AbstractContextManager[None]:
    return refusals_kept(
        database(),
        Tag.PAGE_REFUSED,
        actor=Actor("citizen", counter.id),
        now=now(),
        subject=Subject("counter", counter.id),
        facts={"job": job_id},
    )
