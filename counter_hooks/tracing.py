"""One line for each call of a hook: who was called with what, and what came back. Ids only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def line_of(
    hook: str, plugin: str, given: Mapping[str, object], outcome: object, *, took_ms: float
) -> str:
    """Return the line that ``OAC_TRACE_HOOKS=1`` prints for one call."""
    told = " ".join(f"{name}={_named(value)}" for name, value in given.items())
    return f"hook {hook} {plugin} ({told}) -> {_named(outcome)} {took_ms:.1f} ms\n"


def _named(value: object) -> str:
    """Name a value by its id, its key or its kind, never by its content."""
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, BaseException):
        return type(value).__name__
    for name in ("id", "key", "clerk_id", "outcome"):
        known = getattr(value, name, None)
        if isinstance(known, str):
            return f"{type(value).__name__}:{known[:60]}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{len(value)} {type(value[0]).__name__}]" if value else "[]"
    return type(value).__name__
