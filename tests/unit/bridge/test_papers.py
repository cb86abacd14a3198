"""The forms that are printed: on one sheet, in every language, with room to write."""

from __future__ import annotations

import re

import pytest

from bridge.documents.papers import Field, FormText, form_pdf
from bridge.procedures.rules import LANGUAGES, FormDefinition
from bridge.procedures.service import load
from counter_hooks.plugins.basics import STEP_KINDS

_OFFERED = load(kinds={kind.key: kind for kind in STEP_KINDS})
_FORMS = [form for procedure in _OFFERED for form in procedure.form]


def _sheets(form: FormText) -> int:
    drawn = form_pdf(form)
    assert len(re.findall(rb"/Type /Page\b", drawn.content)) == drawn.pages
    return drawn.pages


def _form(*lines: int) -> FormText:
    return FormText(
        office="Oficina Única",
        title="Form",
        reference="A001 · 24/11/2026",
        fields=tuple(Field(label="Field", lines=number) for number in lines),
        declaration="I declare. " * 30,
        place_and_date="Place and date",
        signature="Signature",
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", _FORMS, ids=lambda form: form.key)
def test_a_form_is_one_sheet(form: FormDefinition, language: str) -> None:
    """Labels large enough to read, lines to write on, and the signature are on the first sheet."""
    text = FormText(
        office="Oficina Única",
        title=form.title.plain()[language],
        reference="A001 · 24/11/2026",
        fields=tuple(
            Field(label=one.label.plain()[language], lines=one.lines) for one in form.fields
        ),
        declaration=form.declaration.plain()[language],
        place_and_date="Lloc i data",
        signature="Firma",
    )
    assert _sheets(text) == 1


def test_a_long_form_goes_on_overleaf() -> None:
    """Lines never get narrower than a hand can write on: rather another sheet."""
    assert _sheets(_form(8, 8, 8, 8)) == 2
