"""What protects every page: who may change something, headers, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from bridge.core.config import Settings
from bridge.core.errors import N_, NotAllowed, TooMany
from bridge.core.ids import digest
from bridge.core.web import KIOSK_COOKIE, STAFF_COOKIE, bearer, settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The page that Jitsi's own page may show inside itself, and the one thing that it may tell.
EMBEDDED = "/desk/panel"
TOLD_BY_MEETINGS = "/api/meeting/reports"
_YEAR_S = 365 * 24 * 3600

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class ForeignOrigin(NotAllowed):
    """A request that changes something came from a page that is not ours."""

    key = "foreign-origin"
    text = N_("This request did not come from one of our pages.")


def install(app: Flask, chosen: Settings) -> None:
    """Check origins before, and set headers after, every request of ``app``."""
    app.config["MAX_CONTENT_LENGTH"] = chosen.limits.body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = chosen.limits.json_bytes
    app.extensions["oac_limiter"] = Limiter(chosen)
    app.before_request(check_origin)
    app.after_request(lambda response: _set_headers(app, chosen, response))


def check_origin() -> None:
    """Refuse a change that another site's page asks for with our cookies.

    Raises ``ForeignOrigin``. Programs send neither header and no cookie; they pass.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if request.path == TOLD_BY_MEETINGS and origin == settings().jitsi_origin:
        return
    if site is not None:
        is_ours = site == "same-origin"
    elif origin is not None:
        is_ours = origin in own_origins(settings())
    else:
        is_ours = not (request.cookies.get(STAFF_COOKIE) or request.cookies.get(KIOSK_COOKIE))
    if not is_ours:
        raise ForeignOrigin


def own_origins(chosen: Settings) -> set[str]:
    """Return the origins that are ours: the public one, and the one that was asked."""
    return {chosen.origin, request.host_url.rstrip("/")}


class Limiter:
    """Counts attempts over moving windows; shared by all processes when there is a Redis."""

    def __init__(self, chosen: Settings) -> None:
        storage = storage_from_string(chosen.redis_url or "memory://")
        self._windows = MovingWindowRateLimiter(storage)
        self._rates = {name: parse_many(rate) for name, rate in chosen.limits.rates()}

    def count(self, name: str, who: str) -> None:
        """Count one attempt of ``who`` against the setting ``limits.<name>``.

        Raises ``TooMany``.
        """
        for rate in self._rates[name]:
            if not self._windows.hit(rate, name, who):
                raise TooMany(limit=str(rate))


def limited(
    name: str, *, by: Literal["address", "caller"] = "address"
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """Let a view be called only as often as the setting ``limits.<name>`` says.

    ``by="caller"`` counts per sign-in, kiosk or agent, for views that check who asks.
    """

    def wrap(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(view)
        def inner(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            count(name, _caller() if by == "caller" else _address())
            return view(*args, **kwargs)

        return inner

    return wrap


def count(name: str, who: str) -> None:
    """Count one attempt of ``who`` in the bridge of this request. Raises ``TooMany``."""
    limiter: Limiter = current_app.extensions["oac_limiter"]
    limiter.count(name, who)


def _address() -> str:
    return request.remote_addr or "unknown"


def _caller() -> str:
    secret = (
        bearer() or request.cookies.get(KIOSK_COOKIE) or request.cookies.get(STAFF_COOKIE) or ""
    )
    return digest(secret) if secret else _address()


def _set_headers(app: Flask, chosen: Settings, response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy(chosen))
    headers.setdefault("Permissions-Policy", permissions_policy(chosen))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # With "no-referrer" a browser says "null" for the origin of our own forms.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if chosen.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
    if request.path.startswith(f"{app.static_url_path}/") and response.status_code < 400:
        headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response


def content_policy(chosen: Settings) -> str:
    """Return the Content-Security-Policy of this request: no inline script, no inline style."""
    jitsi = [chosen.jitsi_origin] if chosen.jitsi_origin else []
    sockets = sorted({_socket_origin(origin) for origin in own_origins(chosen)})
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *jitsi],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'", *sockets],
        "frame-src": ["'self'", *jitsi],
        "frame-ancestors": (jitsi if request.path == EMBEDDED else []) or ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def permissions_policy(chosen: Settings) -> str:
    """Return the Permissions-Policy: camera and microphone for the meeting, nothing else."""
    allowed = f'(self "{chosen.jitsi_origin}")' if chosen.jitsi_origin else "(self)"
    granted = [f"{name}={allowed}" for name in ("camera", "microphone", "autoplay", "fullscreen")]
    denied = [f"{name}=()" for name in ("geolocation", "usb", "serial", "payment", "midi")]
    return ", ".join(granted + denied)


def _socket_origin(origin: str) -> str:
    parts_of = urlsplit(origin)
    return f"{'wss' if parts_of.scheme == 'https' else 'ws'}://{parts_of.netloc}"
