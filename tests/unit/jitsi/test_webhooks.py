"""Only what the Jitsi server signed, lately and in the agreed form, becomes events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jitsi_oac_plugin import (
    BatchUnsound,
    EventType,
    Occupant,
    Refusal,
    SignatureWrong,
    TooOld,
    read_batch,
)
from jitsi_oac_plugin.webhooks import MOST_BYTES, sign

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
SECRET = "e" * 32
NONCE = "0123456789abcdef" * 2
TIMESTAMP = str(int(NOW.timestamp()))
JOINED: dict[str, Any] = {
    "number": 7,
    "type": "occupant:joined",
    "room": "oac-1a2b",
    "at": "2026-11-24T09:14:59.250Z",
    "occupant": {"nick": "3d312af7", "person": "clerk-v1", "role": "moderator"},
    "reason": None,
}
REFUSED = JOINED | {
    "number": 8,
    "type": "occupant:refused",
    "occupant": None,
    "reason": "token-expired",
}


def _body(*events: dict[str, Any], **changed: object) -> bytes:
    plain = {"version": 1, "server": "meet.example", "boot": "b1", "events": list(events)}
    return json.dumps(plain | changed).encode()


def _headers(body: bytes, **changed: str) -> dict[str, str]:
    signature = sign(body, secret=SECRET, timestamp=TIMESTAMP, nonce=NONCE)
    plain = {"OAC-Timestamp": TIMESTAMP, "OAC-Nonce": NONCE, "OAC-Signature": signature}
    return plain | {f"OAC-{name.title()}": value for name, value in changed.items()}


def test_a_signed_batch_becomes_events_in_order() -> None:
    """Everything that was sent is there, typed, with the nonce beside it."""
    body = _body(JOINED, REFUSED)
    batch, nonce = read_batch(_headers(body), body, secret=SECRET, now=NOW)
    assert (batch.server, batch.boot, nonce) == ("meet.example", "b1", NONCE)
    joined, refused = batch.events
    assert (joined.number, joined.type, joined.room) == (7, EventType.OCCUPANT_JOINED, "oac-1a2b")
    assert joined.at == datetime(2026, 11, 24, 9, 14, 59, 250000, UTC)
    assert joined.occupant == Occupant(nick="3d312af7", person="clerk-v1", role="moderator")
    assert (refused.occupant, refused.reason) == (None, Refusal.EXPIRED)


def test_the_signature_is_the_agreed_one() -> None:
    """Computed elsewhere (openssl dgst -sha256 -hmac): both sides have to stay with it."""
    signature = sign(b"{}", secret="key", timestamp="1", nonce="ab")
    assert signature == "v1=58673a088ca55e7e61c04f8fe75f1f6fc4a93d6fb86cf2de06cd9823247c417e"


def test_names_of_headers_are_read_in_any_case() -> None:
    """HTTP does not tell letters' case apart."""
    body = _body(JOINED)
    headers = {name.upper(): value for name, value in _headers(body).items()}
    assert read_batch(headers, body, secret=SECRET, now=NOW)[0].boot == "b1"


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"signature": "v1=" + "0" * 64},
        {"signature": "v1=ñ"},
        {"nonce": "f" * 32},
        {"nonce": "short"},
        {"nonce": ""},
        {"timestamp": str(int(TIMESTAMP) + 1)},
        {"timestamp": "now"},
        {"timestamp": "-1"},
        {"timestamp": "٣"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed: dict[str, str]) -> None:
    """Time, nonce and signature belong together."""
    body = _body(JOINED)
    with pytest.raises(SignatureWrong):
        read_batch(_headers(body, **changed), body, secret=SECRET, now=NOW)


def test_another_body_secret_or_none_is_refused() -> None:
    """The signature is over the body, and a bridge without a secret believes nobody."""
    body = _body(JOINED)
    for given, secret in ((body + b" ", SECRET), (body, "f" * 32), (body, "")):
        with pytest.raises(SignatureWrong):
            read_batch(_headers(body), given, secret=secret, now=NOW)
    unsigned = sign(body, secret="", timestamp=TIMESTAMP, nonce=NONCE)
    with pytest.raises(SignatureWrong):
        read_batch(_headers(body, signature=unsigned), body, secret="", now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_old_and_future_batches_are_refused(seconds: int) -> None:
    """Five minutes on both sides; what is within is read."""
    body = _body(JOINED)
    with pytest.raises(TooOld) as refused:
        read_batch(_headers(body), body, secret=SECRET, now=NOW + timedelta(seconds=seconds))
    assert refused.value.facts["off_s"] == seconds
    almost = NOW + timedelta(seconds=seconds - seconds // abs(seconds))
    assert read_batch(_headers(body), body, secret=SECRET, now=almost)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 1000,
        _body(),
        _body(JOINED, version=2),
        _body(JOINED, server=""),
        _body(JOINED, boot=None),
        _body(REFUSED, JOINED),
        _body(JOINED, JOINED),
        _body(JOINED | {"number": 0}),
        _body(JOINED | {"number": "7"}),
        _body(JOINED | {"type": "room:painted"}),
        _body(JOINED | {"room": "Oac Room"}),
        _body(JOINED | {"room": "oac-" + "a" * 60}),
        _body(JOINED | {"at": "yesterday"}),
        _body(JOINED | {"at": "2026-11-24T09:14:59.250"}),
        _body(JOINED | {"at": "2026-11-24T09:14:59.250+01:00"}),
        _body(JOINED | {"occupant": None}),
        _body(JOINED | {"occupant": {"nick": "a", "person": "b", "role": "owner"}}),
        _body(JOINED | {"occupant": {"nick": "a", "person": 1, "role": "moderator"}}),
        b" " * (MOST_BYTES + 1),
    ],
)
def test_what_is_not_of_the_agreed_form_is_refused(body: bytes) -> None:
    """Well signed and still not understood: said so, and nothing else happens."""
    with pytest.raises(BatchUnsound):
        read_batch(_headers(body), body, secret=SECRET, now=NOW)
