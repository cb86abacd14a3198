"""What a procedure is made of, and what is wrong with one: all of it at once."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from counter_hooks.model import Colour, Quality, Source
from counter_hooks.steps import StepKind
from counter_hooks.texts import LANGUAGES, Text

MOST_KEY_CHARACTERS = 36
# What a document is called that belongs to no step, alone or of ``<LOOSE>/<procedure>``.
LOOSE = "document"
# What a printed number and the receipt of a visit are called.
TICKET, RECEIPT = "ticket", "receipt"
# No form may be called as what is printed beside forms: one would come out for the other.
_RESERVED = (LOOSE, TICKET, RECEIPT)
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DPI = range(200, 1201)  # the law's least resolution (NTI of 19 July 2011) is 200
_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Consent(StrEnum):
    """Whether the citizen is asked before each page of a step, or once for all of its paper."""

    EACH = "each"
    ONCE = "once"


class Layout(StrEnum):
    """Whether what is scanned are pages, or the two sides of a card that go on one page."""

    PAGES = "pages"
    CARD = "card"


class Originals(StrEnum):
    """What becomes of pages that others were made of, when their step is done."""

    ERASE = "erase"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanWish:
    """How a step's page is scanned unless the clerk chooses otherwise, and what is kept.

    ``quality`` is what it is scanned for; left out, it follows from a ``purpose`` that is one, else
    it is text. Numbers that are named go before it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    purpose: str
    quality: Quality | None = None
    resolution_dpi: int | None = None
    colour: Colour | None = None
    source: Source | None = None
    page_by_page: bool = False
    layout: Layout = Layout.PAGES
    originals: Originals = Originals.ERASE


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One thing to do; ``kind`` is the key of a StepKind."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str
    kind: str
    title: Text
    text: Text
    prompt: Text
    picture: str = "document"
    consent: Consent = Consent.EACH
    scan: ScanWish | None = None
    form: str | None = None
    action: str | None = None

    @property
    def is_asked_once(self) -> bool:
        """True when one consent is for all the pages of the paper that is scanned."""
        return self.scan is not None and self.consent is Consent.ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """Something to fill in by hand, on so many lines."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str
    label: Text
    lines: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """A form to print; ``declaration`` is the paragraph above the signature."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str
    title: Text
    fields: tuple[FieldDefinition, ...]
    declaration: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """What citizens come for; ``minutes`` is how long it usually takes."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str
    icon: str
    minutes: int
    title: Text
    summary: Text
    step: tuple[StepDefinition, ...]
    form: tuple[FormDefinition, ...] = ()

    def step_by_key(self, key: str) -> StepDefinition | None:
        """Return the step ``key``, None when there is none (any more)."""
        return next((step for step in self.step if step.key == key), None)

    def form_by_key(self, key: str) -> FormDefinition | None:
        """Return the form ``key``, None when there is none."""
        return next((form for form in self.form if form.key == key), None)


_adapter = TypeAdapter(Procedure)


def decode(
    plain: Mapping[str, Any], kinds: Mapping[str, StepKind]
) -> tuple[Procedure | None, list[str]]:
    """Return the procedure in a decoded TOML file, and everything that is wrong with it.

    ``kinds`` are those that its steps may have. The procedure is None when there is any mistake.
    """
    try:
        procedure = _adapter.validate_python(dict(plain))
    except ValidationError as error:
        return None, [_sentence(dict(problem)) for problem in error.errors()]
    mistakes = list(_mistakes(procedure, kinds))
    return (None if mistakes else procedure), mistakes


def clashes(procedures: Iterable[Procedure]) -> list[str]:
    """Return which keys of procedures and forms are there more than once."""
    found = list(procedures)
    keys = [procedure.key for procedure in found]
    forms = [form.key for procedure in found for form in procedure.form]
    return [f"two procedures have the key {key}" for key in _twice(keys)] + [
        f"two forms have the key {key}" for key in _twice(forms)
    ]


def _mistakes(procedure: Procedure, kinds: Mapping[str, StepKind]) -> Iterator[str]:
    if not 1 <= procedure.minutes <= 240:
        yield "minutes: a number from 1 to 240 is needed"
    if not procedure.step:
        yield "step: at least one is needed"
    yield from _wrong_keys("key", [procedure.key])
    yield from _wrong_keys("step.key", [step.key for step in procedure.step])
    yield from _wrong_keys("form.key", [form.key for form in procedure.form])
    for step in procedure.step:
        kind = kinds.get(step.kind)
        if kind is None:
            yield f"step {step.key}: there is no kind {step.kind}; there are {', '.join(kinds)}"
            continue
        yield from (f"step {step.key}: {mistake}" for mistake in _of_step(step, kind, procedure))
    for form in procedure.form:
        if form.key in _RESERVED:
            yield f"form.key: '{form.key}' is what the bridge calls a paper of its own; choose another"
        yield from _wrong_keys(f"form {form.key}: fields.key", [one.key for one in form.fields])
        for one in form.fields:
            if not 1 <= one.lines <= 20:
                yield f"form {form.key}: {one.key}: lines needs a number from 1 to 20"
    for place, text in _texts(procedure, ""):
        yield from (f"{place}.{name}: is empty" for name in LANGUAGES if not getattr(text, name))


def _of_step(step: StepDefinition, kind: StepKind, procedure: Procedure) -> Iterator[str]:
    parts = (
        ("a table scan", step.scan, kind.has_scan),
        ("a form", step.form, kind.has_form),
        ("an action", step.action, kind.has_action),
    )
    for name, part, is_needed in parts:
        if (part is not None) != is_needed:
            yield f"{'needs' if is_needed else 'cannot have'} {name}"
    if step.form is not None and procedure.form_by_key(step.form) is None:
        yield f"there is no form {step.form}"
    if step.scan is not None and step.scan.resolution_dpi not in {None, *_DPI}:
        yield f"resolution_dpi: a number from {_DPI.start} to {_DPI.stop - 1} is needed"


def _wrong_keys(place: str, keys: list[str]) -> Iterator[str]:
    for key in keys:
        if len(key) > MOST_KEY_CHARACTERS or not _KEY.fullmatch(key):
            yield (
                f"{place}: '{key}' needs small letters, digits and single hyphens, "
                f"at most {MOST_KEY_CHARACTERS}"
            )
    for key in _twice(keys):
        yield f"{place}: '{key}' is there more than once"


def _twice(keys: Iterable[str]) -> list[str]:
    return sorted(key for key, times in Counter(keys).items() if times > 1)


def _texts(value: object, place: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield place, value
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from _texts(getattr(value, one.name), f"{place}.{one.name}".lstrip("."))
    elif isinstance(value, tuple):
        for number, item in enumerate(value, start=1):
            yield from _texts(item, f"{place} {number}")


def _sentence(problem: Mapping[str, Any]) -> str:
    # Steps, forms and fields are counted from one, as people do.
    parts = [str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"]]
    place = ".".join(parts) or "file"
    if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{place}: there is no such entry"
    if problem["type"] in ("missing", "missing_argument", "missing_keyword_only_argument"):
        return f"{place}: is missing"
    return f"{place}: {str(problem['msg']).lower()}"
