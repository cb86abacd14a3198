"""What a hostile page, agent or stranger might send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

NUL = "a\u0000b"
SURROGATE = "\ud800"
DEEP = 400


def nested(depth: int = DEEP) -> object:
    """Return lists within lists."""
    value: object = []
    for _ in range(depth):
        value = [value]
    return value


VALUES: tuple[object, ...] = (
    None, True, -1, 10**30, 1e308, "", NUL, SURROGATE, "x" * 100_000, "💥", "' OR 1=1 --", "../../etc/passwd",
    [], {}, [NUL], {NUL: NUL}, {"a": SURROGATE}, nested(),
)  # fmt: skip
"""One after the other in every field."""

BODIES: tuple[bytes, ...] = (
    b"null", b"[]", b"1", b'"text"', b"{", b"\xff\xfe", b"\x00", b"NaN", b'{"a":NaN}', b'{"":""}',
    b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b'{"a":"' + b"x" * 300_000 + b'"}',
)  # fmt: skip
"""Bodies that no page of ours sends."""

IDS = (
    "nope",
    "0" * 26,
    "%00",
    "%F0%9F%92%A5",
    "%ED%A0%80",
    "%FF",
    "x" * 1000,
    "..%2F..",
    "'--",
    "-1",
)
"""Wrong identifiers, as they stand in an address."""

SHAPES: dict[str, dict[str, Any]] = {
    "POST /api/pairings": {"kind": "kiosk", "counter": "counter-1"},
    "POST /api/pairings/claim": {"claim": "nobody's"},
    "PUT /api/desk/availability": {"state": "available"},
    "POST /api/desk/calls": {"ticket": "nobody's", "version": 1},
    "POST /api/visits/<visit_id>/transfer": {"to": "person", "id": "nobody", "reason": "why"},
    "POST /api/visits/<visit_id>/ending": {"outcomes": {"nothing": "unheard-of"}},
    "POST /api/visits/<visit_id>/closing": {"outcomes": {"nothing": "unheard-of"}},
    "PATCH /api/visits/<visit_id>/steps/<step_id>": {"state": "unheard-of", "note": "n", "current": None},
    "POST /api/visits/<visit_id>/jobs": {
        "kind": "scan", "device": "nothing", "idempotency_key": "k", "options": {"source": "roof"},
        "step": None, "document": None, "replaces": None, "form": None,
    },
    "POST /api/visits/<visit_id>/jobs/<job_id>/confirmation": {"came_out": True},
    "POST /api/kiosk/tickets": {"language": "ca", "procedures": ["unheard-of"], "idempotency_key": "k"},
    "POST /api/kiosk/jobs/<job_id>/consent": {"allow": True},
    "POST /api/kiosk/jobs/<job_id>/confirmation": {"came_out": True},
    "POST /api/kiosk/wiped": {"storage": 1, "caches": 1, "elements": 10**9},
    "PATCH /api/pages/<page_id>": {"rotation": 45, "place": 0},
    "POST /api/pages/<page_id>/trimming": {
        "left_mm": -1.0, "top_mm": 0.0, "width_mm": 1e9, "height_mm": 1.0, "angle": 400.0,
    },
}  # fmt: skip
"""What each address that takes a body looks for, in a form that is refused."""


def variants(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield ``shape`` with every value in every one of its fields."""
    for name in shape:
        for value in VALUES:
            yield {**shape, name: value}


def encoded(value: object) -> bytes:
    """Return JSON as no careful program would write it: lone surrogates and all."""
    return json.dumps(value, ensure_ascii=True).encode()
