"""What every web handler needs: the parts of this bridge, decoded bodies, cookies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException

from bridge.core.config import Settings
from bridge.core.db import Database
from bridge.core.errors import N_, NotFound, Refused, TooLarge
from bridge.core.push import Push
from counter_hooks.plain import is_sound

STAFF_COOKIE = "oac_staff"
KIOSK_COOKIE = "oac_kiosk"
_BLOCK_BYTES = 64 * 1024

Shape = TypeVar("Shape")


class BodyUnsound(Refused):
    """A body that is not of its shape; ``fields`` names what is wrong, never its value."""

    key = "body-unsound"
    text = N_("Something in this request is missing or wrong: %(fields)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one bridge is made of, for those who answer requests."""

    settings: Settings
    database: Database
    push: Push
    clock: Callable[[], datetime]


class Json(DefaultJSONProvider):
    """JSON as the interface writes it: moments in UTC with a Z, order kept, text not escaped."""

    ensure_ascii = False
    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """Return what JSON has no form for as text."""
        if isinstance(value, datetime):
            return iso(value)
        if isinstance(value, date | time):
            return value.isoformat()
        return DefaultJSONProvider.default(value)


def iso(moment: datetime) -> str:
    """Return ``moment`` as ``2026-11-24T09:15:00.250Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def install(app: Flask, parts: Parts) -> None:
    """Make ``parts`` known to the handlers of ``app``."""
    app.extensions["oac"] = parts
    app.json = Json(app)
    app.before_request(_check_address)
    app.after_request(_read_to_the_end)


def _check_address() -> None:
    """Raise ``NotFound`` for an address with an identifier that nothing can be called by."""
    if not is_sound(request.view_args or {}):
        raise NotFound


def _read_to_the_end(response: Response) -> Response:
    """Take the rest of a body that a refusal left unread.

    The server would close the connection on it without a word, and the next request that a
    browser or proxy sends over it would be lost.
    """
    if (request.content_length or 0) <= settings().limits.body_bytes:
        try:
            while request.stream.read(_BLOCK_BYTES):
                pass
        except (HTTPException, OSError):  # whoever sent it has gone, or it has no end
            pass
    return response


def parts() -> Parts:
    """Return the parts of the bridge that answers this request."""
    found: Parts = current_app.extensions["oac"]
    return found


def database() -> Database:
    """Return the database of this bridge."""
    return parts().database


def settings() -> Settings:
    """Return the settings of this bridge."""
    return parts().settings


def now() -> datetime:
    """Return the present moment by this bridge's clock."""
    return parts().clock()


def decode_body(shape: type[Shape]) -> Shape:
    """Return the JSON body of this request as ``shape``, a dataclass; no body is ``{}``.

    Raises ``BodyUnsound`` naming the fields, ``TooLarge``.
    """
    most = settings().limits.json_bytes
    body = read_body()
    if (request.content_length or 0) > most or len(body) > most:
        raise TooLarge(most_bytes=most)
    try:
        plain = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BodyUnsound(fields="JSON") from error
    return decode(shape, plain)


def read_body() -> bytes:
    """Read the body of this request as far as JSON may be long, once.

    Whoever decodes it within a transaction calls this before: a sender may take its time, and
    nobody else could write meanwhile.
    """
    if "body" not in g:
        g.body = request.stream.read(settings().limits.json_bytes + 1)
    body: bytes = g.body
    return body


def decode_form(shape: type[Shape]) -> Shape:
    """Return the form of this request as ``shape``, a dataclass of texts."""
    return decode(shape, request.form.to_dict())


def decode(shape: type[Shape], plain: object) -> Shape:
    """Return ``plain`` as ``shape``. Raises ``BodyUnsound``."""
    if not is_sound(plain):
        raise BodyUnsound(fields="JSON")
    try:
        value: Shape = _adapter(shape).validate_python(plain)
    except ValidationError as error:
        places = {".".join(map(str, one["loc"])) or "body" for one in error.errors()}
        raise BodyUnsound(fields=", ".join(sorted(places))) from error
    return value


def set_cookie(response: Response, name: str, value: str, *, most_s: int) -> None:
    """Give the browser a secret that scripts cannot read and other sites cannot use to change."""
    response.set_cookie(
        name,
        value,
        max_age=most_s,
        httponly=True,
        samesite="Lax",
        secure=settings().is_secure,
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget the cookie ``name``."""
    response.delete_cookie(
        name, path="/", httponly=True, samesite="Lax", secure=settings().is_secure
    )


def bearer() -> str | None:
    """Return the token of ``Authorization: Bearer``, None when there is none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(shape: Any) -> TypeAdapter[Any]:
    if shape not in _adapters:
        _adapters[shape] = TypeAdapter(shape)
    return _adapters[shape]
