"""Procedures are read whole, in three languages, and every mistake is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.procedures import service
from bridge.procedures.rules import decode
from bridge.procedures.service import Procedures, ProceduresUnsound, ProcedureUnknown
from counter_hooks.plugins.basics import STEP_KINDS

KINDS = {kind.key: kind for kind in STEP_KINDS}
TEXT = '{ ca = "c", es = "e", en = "n" }'
GOOD = f"""
key = "bell"
icon = "home"
minutes = 5
title = {TEXT}
summary = {TEXT}
[[step]]
key = "look"
kind = "information"
title = {TEXT}
text = {TEXT}
prompt = {TEXT}
[[form]]
key = "bell-form"
title = {TEXT}
declaration = {TEXT}
fields = [{{ key = "name", label = {TEXT} }}]
"""


@pytest.fixture(scope="module")
def built_in() -> Procedures:
    """Read the procedures that come along."""
    return service.load(kinds=KINDS)


def test_the_built_in_procedures_are_sound(built_in: Procedures) -> None:
    """Both errands of the town hall can be played from the first step to the last."""
    assert [one.key for one in built_in] == ["census", "digital-certificate"]
    kinds = [step.kind for step in built_in.at("census").step]
    assert kinds == [
        "information",
        "scan",
        "scan",
        "print",
        "sign_and_scan_back",
        "print",
        "information",
    ]


def test_the_call_never_identifies_for_a_certificate(built_in: Procedures) -> None:
    """Orden ETD/465/2021: the text says who does identify, in each language."""
    text = built_in.at("digital-certificate").step[0].text
    assert "no servix per a identificar-lo" in text.ca
    assert "no sirve para identificarle" in text.es
    assert "does not identify you" in text.en


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    """A file with many mistakes is mended in one go."""
    file = tmp_path / "bad.toml"
    file.write_text(
        GOOD.replace("minutes = 5", "minutes = 500")
        .replace('key = "look"', 'key = "Look"')
        .replace('"information"', '"scan"')
        .replace('[{ key = "name"', '[{ key = "name", lines = 0')
    )
    mistakes = service.check([file], KINDS)[file]
    assert [mistake.split(":")[0] for mistake in mistakes] == [
        "minutes",
        "step.key",
        "step Look",
        "form bell-form",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('title = { ca = "c", es = "e", en = "n" }\nsummary', "summary", "title: is missing"),
        ('ca = "c", ', "", "title.ca: is missing"),
        ('ca = "c"', 'ca = " "', "title.ca: is empty"),
        ("minutes = 5", "minutes = 5\ncolour = 1", "colour: there is no such entry"),
        ('kind = "information"', 'kind = "print"\nform = "x"', "step look: there is no form x"),
        ('kind = "information"', 'kind = "print"', "step look: needs a form"),
        ('key = "bell"', 'key = "bell-"', "key: 'bell-' needs small letters"),
        (
            'kind = "information"',
            'kind = "scan"\nscan = { purpose = "p", resolution_dpi = 100 }',
            "resolution_dpi: a number from 200",
        ),
    ],
)
def test_a_mistake_says_where_it_is(tmp_path: Path, before: str, after: str, said: str) -> None:
    """Each mistake names its place."""
    file = tmp_path / "one.toml"
    assert before in GOOD
    file.write_text(GOOD.replace(before, after, 1))
    assert any(said in mistake for mistake in service.check([file], KINDS)[file])


def test_a_step_or_field_may_not_be_there_twice() -> None:
    """Keys are unique, so that rows can refer to them."""
    import tomllib

    plain = tomllib.loads(GOOD)
    plain["step"] *= 2
    plain["form"][0]["fields"] *= 2
    procedure, mistakes = decode(plain, KINDS)
    assert procedure is None
    assert mistakes == [
        "step.key: 'look' is there more than once",
        "form bell-form: fields.key: 'name' is there more than once",
    ]


@pytest.mark.parametrize("key", ["document", "receipt", "ticket"])
def test_a_form_is_not_called_as_what_the_bridge_prints_itself(tmp_path: Path, key: str) -> None:
    """A form with such a key is refused: a clerk's own PDF would come out in its place."""
    file = tmp_path / "bell.toml"
    file.write_text(GOOD.replace("bell-form", key))
    (mistake,) = service.check([file], KINDS)[file]
    assert mistake.startswith(f"form.key: '{key}' is what the bridge calls")


@pytest.mark.parametrize("content", [b"= =", b"\xff\xfe", b'key = "x"\nstep = 3'])
def test_what_is_no_procedure_is_refused(tmp_path: Path, content: bytes) -> None:
    """Broken files are mistakes, never a crash."""
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    assert service.check([file, tmp_path / "none.toml"], KINDS)[file]
    with pytest.raises(ProceduresUnsound) as caught:
        service.load([file, tmp_path / "none.toml"], kinds=KINDS)
    assert "none.toml: cannot be read" in str(caught.value)


def test_plugins_bring_procedures_and_the_town_replaces_built_in_ones(tmp_path: Path) -> None:
    """Two plugins may not share a key; the town's own file wins over a built-in one."""
    file = tmp_path / "bell.toml"
    file.write_text(GOOD)
    own = tmp_path / "own"
    own.mkdir()
    (own / "census.toml").write_text(GOOD.replace('"bell', '"census'))
    loaded = service.load([file], kinds=KINDS, own=own)
    assert [one.key for one in loaded] == ["digital-certificate", "bell", "census"]
    assert loaded.at("census").title.en == "n"
    with pytest.raises(ProceduresUnsound) as caught:
        service.load([file, file], kinds=KINDS, own=tmp_path / "absent")
    assert any("two procedures have the key bell" in text for text in caught.value.mistakes)
    assert any("two forms have the key bell-form" in text for text in caught.value.mistakes)


def test_titles_of_documents(built_in: Procedures) -> None:
    """A document is called by its step or form; what is gone is called by its key."""
    assert built_in.title_of("census/scan-id")["es"] == "Documento de identidad"
    assert built_in.title_of("census-receipt")["ca"] == "Justificant: empadronament"
    assert built_in.title_of("document")["en"] == "Document"
    assert built_in.title_of("gone/step") == {
        "ca": "gone/step",
        "es": "gone/step",
        "en": "gone/step",
    }
    with pytest.raises(ProcedureUnknown):
        built_in.at("gone")
