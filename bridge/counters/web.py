"""Pairing, and which kiosk or agent is behind a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, Response, g, jsonify, make_response, request

from bridge.core.errors import N_, NotSignedIn
from bridge.core.push import room
from bridge.core.security import limited
from bridge.core.sockets import Caller
from bridge.core.web import KIOSK_COOKIE, bearer, database, decode_body, now, set_cookie
from bridge.counters import pairing
from bridge.counters.models import Counter

pages = Blueprint("counters", __name__)

_TEN_YEARS_S = 10 * 365 * 24 * 3600


class NotPaired(NotSignedIn):
    """The kiosk or agent has no good device token."""

    key = "not-paired"
    text = N_("This device is not paired with a counter.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPairing:
    """Who wants to belong to a counter, and to which, if it knows."""

    kind: Literal["kiosk", "agent"]
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The secret that a pairing was begun with."""

    claim: str


def current_kiosk() -> Counter:
    """Return the counter whose kiosk asks; detached, office and hours loaded.

    Raises ``NotPaired``.
    """
    counter = paired_kiosk()
    if counter is None:
        raise NotPaired
    return counter


def paired_kiosk() -> Counter | None:
    """Return the counter whose kiosk asks, None when there is none."""
    secret = request.cookies.get(KIOSK_COOKIE)
    if not secret:
        return None
    if "kiosk" not in g:
        with database().reading() as db:
            g.kiosk = pairing.who_holds(db, secret, "kiosk")
    counter: Counter | None = g.kiosk
    return counter


def current_agent() -> Counter:
    """Return the counter whose agent asks. Raises ``NotPaired``."""
    secret = bearer()
    if secret is None:
        raise NotPaired
    with database().reading() as db:
        counter = pairing.who_holds(db, secret, "agent")
    if counter is None:
        raise NotPaired
    return counter


def kiosk_caller() -> Caller | None:
    """Return which kiosk opens a page's socket, and its room."""
    counter = paired_kiosk()
    if counter is None:
        return None
    return Caller(side="kiosk", id=counter.id, rooms=(room("counter", counter.id),))


@pages.post("/api/pairings")
@limited("pairing")
def start_pairing() -> Response:
    """Begin a pairing: a code to show, a secret to claim the token with."""
    body = decode_body(NewPairing)
    with database().transaction() as db:
        offer = pairing.start_pairing(db, body.kind, body.counter, now=now())
    plain = {"code": offer.code, "claim": offer.claim, "expires_at": offer.expires_at}
    return make_response(jsonify(plain), 201)


@pages.post("/api/pairings/claim")
@limited("claim")
def claim() -> Response:
    """Give the token once the code was approved; to a kiosk as a cookie."""
    body = decode_body(Claim)
    with database().transaction() as db:
        paired = pairing.claim(db, body.claim, now=now())
    if paired is None:
        return make_response(jsonify({}), 202)
    if paired.kind == "agent":
        return jsonify({"counter": paired.counter_key, "token": paired.token})
    response = jsonify({"counter": paired.counter_key})
    set_cookie(response, KIOSK_COOKIE, paired.token, most_s=_TEN_YEARS_S)
    return response
