"""What a plugin adds to the clerk's meeting: a button, its form, and how its result is shown.

An action runs at the counter, in a lane, after the citizen has allowed it. Its texts, fields and
rows travel to the bridge when the agent says hello; no page has to know it.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from counter_hooks import plain
from counter_hooks.driver import JobContext
from counter_hooks.errors import HookError
from counter_hooks.texts import LANGUAGES, Text

Value = str | int | float | bool

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_KEY_CHARACTERS = 36
MOST_TEXT_CHARACTERS = 300
MOST_VALUE_CHARACTERS = 500
MOST_PARTS = 12
MOST_CHOICES = 40
# What a browser counts without rounding.
LARGEST_BOUND = 2**53
MOST_LIMIT_S = 600.0
# The path of a sign, 24 by 24; nothing else of SVG.
ICON = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9 ,.\-]{0,600}")
DEVICE_PREFIX = "action:"


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that a field offers."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that the clerk fills in before the action runs.

    ``least`` and ``most`` bound the value of a number and the length of a text.
    """

    key: str
    label: Text
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    least: int = 0
    most: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the result: ``key`` names the value that ``Action.run`` returned for it."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionJob:
    """One order to run an action; ``values`` are sound for its fields."""

    id: str
    key: str
    values: Mapping[str, Value]


class Action(ABC):
    """Something that a clerk can do at the counter, from inside the meeting.

    ``title`` is on the button, ``consent`` is the sentence that the citizen allows or refuses.
    ``icon`` is an SVG path, 24 by 24. ``rows`` say which values of the result are shown, and how
    they are called. ``limit_s`` is how long ``run`` may take.
    """

    key: str
    title: Text
    consent: Text
    fields: tuple[Field, ...] = ()
    rows: tuple[Row, ...] = ()
    icon: str = ""
    limit_s: float = 60.0

    @abstractmethod
    def run(self, job: ActionJob, context: JobContext) -> Mapping[str, Value]:
        """Do it, and return a value for each row that there is something to say about.

        Called in the action's own lane. Values are shown to the clerk of this visit, kept out of
        the audit, and forgotten when the visit is closed. Raises a leaf of ``DeviceError``, or
        ``JobRefused`` before anything was done. Look at ``context.is_cancelled`` in every wait.
        """


class Described(Protocol):
    """What an ``Action`` and its description on the wire have in common."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def title(self) -> Text:
        """What is on its button."""

    @property
    def consent(self) -> Text:
        """What the citizen is asked."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its form."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its result."""

    @property
    def icon(self) -> str:
        """Its sign."""

    @property
    def limit_s(self) -> float:
        """How long it may take."""


class ValueUnfit(HookError):
    """A value does not fit its field; ``facts`` names the field, not the value."""

    key = "value-unfit"


def is_key(value: object) -> bool:
    """Say whether ``value`` may name an action, a field or a filter."""
    return (
        isinstance(value, str)
        and len(value) <= MOST_KEY_CHARACTERS
        and KEY.fullmatch(value) is not None
    )


def is_text(value: object) -> bool:
    """Say whether ``value`` is a text that a screen can show in each language."""
    if not isinstance(value, Text):
        return False
    said = [getattr(value, language) for language in LANGUAGES]
    return all(
        isinstance(one, str) and 0 < len(one) <= MOST_TEXT_CHARACTERS and plain.is_text(one)
        for one in said
    )


def mistakes_of(action: Described) -> Iterator[str]:
    """Yield what is wrong with how an action describes itself."""
    if not is_key(getattr(action, "key", None)):
        yield "key: small letters, digits and single hyphens are needed"
    for name in ("title", "consent"):
        if not is_text(getattr(action, name, None)):
            yield f"{name}: a Text with all languages is needed"
    if not isinstance(action.icon, str) or not ICON.fullmatch(action.icon):
        yield "icon: an SVG path is needed"
    limit = action.limit_s
    if not isinstance(limit, int | float) or not 0 < limit <= MOST_LIMIT_S:
        yield f"limit_s: a number of seconds up to {MOST_LIMIT_S:g} is needed"
    yield from _mistakes_in_list("fields", action.fields, Field)
    yield from _mistakes_in_list("rows", action.rows, Row)
    for field in action.fields if isinstance(action.fields, tuple) else ():
        if isinstance(field, Field):
            yield from _mistakes_in_field(field)


def checked_values(fields: Iterable[Field], given: Mapping[str, object]) -> dict[str, Value]:
    """Return ``given`` as far as it fits ``fields``. Raises ``ValueUnfit`` naming the first misfit."""
    known = {field.key: field for field in fields}
    for name in given.keys() - known.keys():
        raise ValueUnfit(f"there is no field {name}"[:120], field=str(name)[:40])
    values: dict[str, Value] = {}
    for key, field in known.items():
        value = given.get(key)
        if value is None or value == "":
            if field.is_required:
                raise ValueUnfit(f"the field {key} is needed", field=key)
            continue
        if not _fits(field, value):
            raise ValueUnfit(f"the field {key} takes another value", field=key)
        values[key] = value  # type: ignore[assignment]  # it fits, so it is one of them
    return values


def checked_answer(rows: Iterable[Row], given: object) -> dict[str, Value]:
    """Return what ``Action.run`` gave if screens can show it. Raises ``ValueUnfit``."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueUnfit(f"the answer is a {type(given).__name__}, not a mapping")
    known = {row.key for row in rows}
    # Looked at once: a stranger's mapping may say something else the next time.
    answer = dict(given)
    for key, value in answer.items():
        if key not in known:
            raise ValueUnfit("the answer has a row that was not declared")
        if not isinstance(value, str | int | float | bool):
            raise ValueUnfit(f"row {key}: a {type(value).__name__} cannot be shown", field=key)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueUnfit(f"row {key}: the number has no end", field=key)
        if isinstance(value, str) and len(value) > MOST_VALUE_CHARACTERS:
            raise ValueUnfit(f"row {key}: the text is too long", field=key)
        if not plain.is_sound(value):
            raise ValueUnfit(f"row {key}: the value cannot be kept", field=key)
    return answer


def _fits(field: Field, value: object) -> bool:
    if field.kind is FieldKind.TICK:
        return isinstance(value, bool)
    if field.kind is FieldKind.NUMBER:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and field.least <= value <= field.most  # type: ignore[operator]
    if not isinstance(value, str) or not value.isprintable():
        return False
    if field.kind is FieldKind.CHOICE:
        return value in {choice.key for choice in field.choices}
    return field.least <= len(value) <= min(field.most, MOST_VALUE_CHARACTERS)


def _mistakes_in_list(name: str, parts: object, shape: type[Field | Row]) -> Iterator[str]:
    if not isinstance(parts, tuple) or not all(isinstance(part, shape) for part in parts):
        yield f"{name}: a tuple of {shape.__name__} is needed"
        return
    if len(parts) > MOST_PARTS:
        yield f"{name}: at most {MOST_PARTS} are shown"
    if len({part.key for part in parts}) != len(parts):
        yield f"{name}: two have the same key"
    for part in parts:
        if not is_key(part.key) or not is_text(part.label):
            yield f"{name}: each needs a key and a label in all languages"


def _mistakes_in_field(field: Field) -> Iterator[str]:
    if field.kind not in set(FieldKind):
        yield f"field {field.key}: there is no such kind"
    if bool(field.choices) != (field.kind is FieldKind.CHOICE):
        yield f"field {field.key}: choices belong to a choice, and to nothing else"
    if not (_is_bound(field.least) and _is_bound(field.most)):
        yield f"field {field.key}: least and most are whole numbers"
    if not isinstance(field.choices, tuple) or len(field.choices) > MOST_CHOICES:
        yield f"field {field.key}: choices are a tuple of at most {MOST_CHOICES}"
        return
    sound = all(
        isinstance(one, Choice) and is_key(one.key) and is_text(one.label) for one in field.choices
    )
    if not sound:
        yield f"field {field.key}: each choice needs a key and a label in all languages"


def _is_bound(value: object) -> bool:
    return type(value) is int and abs(value) < LARGEST_BOUND
