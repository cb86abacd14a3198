"""How errors leave the bridge: RFC 9457 to callers of the interface, a page to people."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from bridge.core.errors import (
    N_,
    BridgeError,
    NotFound,
    NotNow,
    NotSignedIn,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
)
from bridge.core.i18n import current_language, gettext

log = logging.getLogger(__name__)


class MethodNotAllowed(BridgeError):
    """The address exists, but not for this method."""

    key = "method-not-allowed"
    status = 405
    text = N_("That cannot be done here.")


class MediaTypeUnknown(BridgeError):
    """The body is of a kind that is not taken here."""

    key = "media-type-unknown"
    status = 415
    text = N_("That kind of file cannot be taken here.")


_BY_STATUS: dict[int, type[BridgeError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: MediaTypeUnknown,
    429: TooMany,
    503: Unavailable,
}


def install(app: Flask, *, sign_in: str) -> None:
    """Answer every error of ``app``; people without a sign-in are sent to the path ``sign_in``."""

    def on_known(error: BridgeError) -> Response:
        to_sign_in = type(error) is NotSignedIn and request.method == "GET"
        if to_sign_in and not wants_json():
            return make_response(redirect(sign_in, 303))
        if error.status >= 500:
            log.error("refused with %s", error)
        return respond(error)

    def on_http(error: HTTPException) -> Response | HTTPException:
        status = error.code or 500
        if status < 400:
            return error
        response = respond(_of_status(status)())
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")
        )
        return response

    def on_database(error: OperationalError) -> Response:
        log.error("the database is away: %s", type(error.orig).__name__)
        return respond(Unavailable())

    def on_unknown(error: Exception) -> Response:
        rule = request.url_rule or "an unknown address"
        log.error("%s %s failed", request.method, rule, exc_info=error)
        return respond(BridgeError())

    app.register_error_handler(BridgeError, on_known)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(IntegrityError, _on_taken)
    app.register_error_handler(Exception, on_unknown)


def _on_taken(error: IntegrityError) -> Response:
    # Of two that passed every check at once, the schema let one through. What the database says
    # of it would name the values.
    log.error("%s on %s", type(error.orig).__name__, request.url_rule)
    return respond(NotNow(state="changed"))


def wants_json() -> bool:
    """Say whether who asks is a program and not a person."""
    if request.path.startswith(("/api/", "/catalogue/")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def respond(error: BridgeError) -> Response:
    """Return the response for ``error``: a problem document, or a page."""
    title = title_of(error)
    if not wants_json():
        page = render_template("error.html", error=error, title=title)
        return make_response(page, error.status)
    response = jsonify(
        type=f"urn:oac:error:{error.key}",
        key=error.key,
        title=title,
        status=error.status,
        facts=error.facts,
    )
    response.status_code = error.status
    response.content_type = "application/problem+json"
    response.content_language = [current_language()]
    return response


def title_of(error: BridgeError) -> str:
    """Return what went wrong as a sentence in the reader's language."""
    try:
        return gettext(error.text, **error.facts)
    except (KeyError, TypeError, ValueError):  # a translation with a placeholder that is not there
        return gettext(BridgeError.text)


def _of_status(status: int) -> type[BridgeError]:
    return _BY_STATUS.get(status, Refused if status < 500 else BridgeError)
