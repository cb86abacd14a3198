"""The kiosk's own devices: what they are, and what was done with them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, make_response, request

from bridge.core.errors import Refused
from bridge.core.security import limited
from bridge.core.web import database, decode_body, now, settings
from bridge.counters import screen, screen_jobs
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
@limited("tickets", by="caller")
def sign(job_id: str) -> Response:
    """Keep what was signed."""
    counter = current_kiosk()
    if request.mimetype != "image/png":
        raise Refused(header="Content-Type")
    if (request.content_length or 0) > MOST_SIGNATURE_BYTES:
        raise PageTooLarge(most_mib=1)
    image = request.stream.read(MOST_SIGNATURE_BYTES + 1)
    with database().transaction() as db:
        job = devices.job_on_screen(db, counter.id, job_id)
        screen_pages.sign(db, tools(), job, image, now=now())
        db.flush()
        return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))


@pages.put("/api/kiosk/jobs/<job_id>/picture")
@limited("tickets", by="caller")
def photograph(job_id: str) -> Response:
    """Keep a picture of a paper."""
    counter = current_kiosk()
    if request.mimetype != "image/jpeg":
        raise Refused(header="Content-Type")
    if (request.content_length or 0) > MOST_PAGE_BYTES:
        raise PageTooLarge(most_mib=MOST_PAGE_BYTES // 2**20)
    picture = request.stream.read(MOST_PAGE_BYTES + 1)
    width_mm = settings().jobs.camera_width_mm
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
