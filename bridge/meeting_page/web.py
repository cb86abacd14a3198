"""The addresses that the meeting server's own page asks; none of them knows who asks."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, request, url_for

from bridge.core.errors import NotFound
from bridge.core.security import limited
from bridge.core.web import decode_body, settings
from bridge.meeting_page.reports import Reports
from bridge.meeting_page.rules import (
    BRAND,
    BRAND_PRESSED,
    LANGUAGES,
    Trouble,
    as_id,
    as_version,
    is_our_meeting,
)

log = logging.getLogger(__name__)
pages = Blueprint("meeting_page", __name__)
_LABELS = Path(__file__).parent / "labels"
_KEPT_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Why there is no panel; ``client`` is the version of Jitsi's page."""

    reason: Trouble
    visit: str = ""
    client: str = ""


def install(app: Flask) -> None:
    """Add the addresses to ``app``."""
    app.extensions["oac_page_reports"] = Reports()
    app.register_blueprint(pages)


def page_reports(app: Flask) -> Reports:
    """Return what the meeting pages of ``app`` have reported."""
    found: Reports = app.extensions["oac_page_reports"]
    return found


@pages.get("/api/meeting/branding")
def branding() -> Response:
    """Return how one of our meetings looks; other meetings look as they did."""
    if not is_our_meeting(request.args.get("conferenceFqn", "")):
        return _for_the_meeting(jsonify({"defaultBranding": True}))
    origin = settings().origin
    logo = origin + url_for("static", filename="img/tile.svg")
    labels = {
        language: origin + url_for("meeting_page.labels", language=language)
        for language in LANGUAGES
    }
    look = {
        "defaultBranding": False,
        "logoImageUrl": logo,
        "logoClickUrl": f"{origin}/desk",
        "customTheme": {"palette": {"action01": BRAND, "action01Hover": BRAND_PRESSED}},
        "labels": labels,
    }
    return _for_the_meeting(jsonify(look))


@pages.get("/api/meeting/labels/<language>.json")
def labels(language: str) -> Response:
    """Return texts of Jitsi's that its own catalogue lacks in a language."""
    if language not in LANGUAGES:
        raise NotFound
    texts = json.loads((_LABELS / f"{language}.json").read_text(encoding="utf-8"))
    return _for_the_meeting(jsonify(texts))


@pages.post("/api/meeting/reports")
@limited("reports")
def report() -> Response:
    """Note that a meeting's page could not show the panel. Needs no sign-in, changes nothing."""
    told = decode_body(Report)
    page_reports(current_app).add(told.reason)
    log.warning(
        "no panel in the meeting of visit %s: %s (client %s)",
        as_id(told.visit) or "unknown",
        told.reason.value,
        as_version(told.client) or "unknown",
    )
    return make_response("", 204)


def _for_the_meeting(response: Response) -> Response:
    """Let the meeting server's pages read ``response``, and keep it for some minutes."""
    if settings().jitsi_origin:
        response.headers["Access-Control-Allow-Origin"] = settings().jitsi_origin
    response.headers["Vary"] = "Origin"
    response.headers["Cache-Control"] = f"public, max-age={_KEPT_S}"
    return response
