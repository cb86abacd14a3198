"""The procedures of this installation: built in, brought by plugins, the town's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bridge.core.errors import N_, BridgeError, Refused
from bridge.procedures.rules import (
    LOOSE,
    RECEIPT,
    TICKET,
    FormDefinition,
    Procedure,
    StepDefinition,
    clashes,
    decode,
)
from counter_hooks.steps import Proof, StepKind
from counter_hooks.texts import Text

BUILT_IN = Path(__file__).parent / "definitions"
# What scanned documents are called by what they are for; others are called by their step.
_TITLES = {
    LOOSE: Text(ca="Document", es="Documento", en="Document"),
    TICKET: Text(ca="El seu torn", es="Su turno", en="Your ticket"),
    RECEIPT: Text(
        ca="Justificant de l'atenció", es="Justificante de la atención", en="Receipt of the visit"
    ),
    "identity-card": Text(
        ca="Document d'identitat", es="Documento de identidad", en="Identity document"
    ),
    "housing-title": Text(
        ca="Escriptura o contracte", es="Escritura o contrato", en="Deed or contract"
    ),
    "signed-form": Text(ca="Imprés firmat", es="Impreso firmado", en="Signed form"),
}
_MOST_BYTES = 1024 * 1024


class ProceduresUnsound(BridgeError):
    """Procedure files have mistakes; ``mistakes`` are sentences, one each."""

    key = "procedures-unsound"
    text = N_("The procedures have mistakes.")

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(mistakes=mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "Please mend the procedures: " + "; ".join(self.mistakes) + "."


class ProcedureUnknown(Refused):
    """There is no procedure with this key."""

    key = "procedure-unknown"
    text = N_("This is not offered here.")


class Procedures:
    """All procedures, in the order in which a citizen is offered them."""

    def __init__(self, procedures: Iterable[Procedure], kinds: Mapping[str, StepKind]) -> None:
        self._by_key = {procedure.key: procedure for procedure in procedures}
        self._kinds = kinds

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def find(self, key: str) -> Procedure | None:
        """Return the procedure ``key``, None when it is not offered (any more)."""
        return self._by_key.get(key)

    def at(self, key: str) -> Procedure:
        """Return the procedure ``key``. Raises ``ProcedureUnknown``."""
        found = self._by_key.get(key)
        if found is None:
            raise ProcedureUnknown(procedure=key)
        return found

    def proof_of(self, step: StepDefinition) -> Proof:
        """Return what must be there before a step is done."""
        return self._kinds[step.kind].proof

    def is_signed_on_screen(self, step: StepDefinition) -> bool:
        """Say whether the form of a step is signed on the counter's screen."""
        return self._kinds[step.kind].has_signature

    def form(self, key: str) -> FormDefinition | None:
        """Return the form ``key`` of whatever procedure."""
        found = (procedure.form_by_key(key) for procedure in self._by_key.values())
        return next((form for form in found if form is not None), None)

    def title_of_procedure(self, key: str) -> dict[str, str]:
        """Return a procedure's title; one that is not offered any more is called by its key."""
        procedure = self.find(key)
        return (procedure.title if procedure else Text(ca=key, es=key, en=key)).plain()

    def title_of(self, title_key: str) -> dict[str, str]:
        """Return the title of a document in the three languages.

        ``title_key`` is ``<procedure>/<step>``, a form's key, ``LOOSE``, or ``<LOOSE>/<procedure>``.
        What is not offered any more is called by its key.
        """
        name, _, step_key = title_key.partition("/")
        procedure = self._by_key.get(name)
        step = procedure.step_by_key(step_key) if procedure else None
        form = self.form(title_key)
        if step is not None:
            known = _TITLES.get(step.scan.purpose) if step.scan else None
            return (known or step.title).plain()
        if form is not None:
            return form.title.plain()
        if name == LOOSE and (about := self.find(step_key)):
            return _joined(_TITLES[LOOSE], about.title).plain()
        unknown = Text(ca=title_key, es=title_key, en=title_key)
        return _TITLES.get(title_key, unknown).plain()


def _joined(what: Text, about: Text) -> Text:
    pairs = {name: f"{text}: {about.plain()[name]}" for name, text in what.plain().items()}
    return Text(**pairs)


def load(
    plugins: Iterable[Path] = (), *, kinds: Mapping[str, StepKind], own: Path | None = None
) -> Procedures:
    """Read the built-in procedures, those of ``plugins``, and every TOML file in the folder ``own``.

    ``kinds`` are those that steps may have. A procedure of the town's own folder replaces a built-in one with its key. Raises
    ``ProceduresUnsound`` with every mistake at once.
    """
    mistakes: list[str] = []
    built_in = _read_all(sorted(BUILT_IN.glob("*.toml")), kinds, mistakes)
    others = _read_all(plugins, kinds, mistakes)
    if own is not None and not own.is_dir():
        mistakes.append(f"{own} is not a folder")
    towns = _read_all(sorted(own.glob("*.toml")) if own else (), kinds, mistakes)
    replaced = {procedure.key for procedure in towns}
    found = [one for one in built_in if one.key not in replaced] + others + towns
    mistakes += clashes(found)
    if mistakes:
        raise ProceduresUnsound(mistakes)
    return Procedures(found, kinds)


def check(files: Iterable[Path], kinds: Mapping[str, StepKind]) -> dict[Path, list[str]]:
    """Return what is wrong with each file; an empty list when nothing is."""
    return {file: _read(file, kinds)[1] for file in files}


def _read_all(
    files: Iterable[Path], kinds: Mapping[str, StepKind], mistakes: list[str]
) -> list[Procedure]:
    found = []
    for file in files:
        procedure, wrong = _read(file, kinds)
        mistakes += [f"{file.name}: {mistake}" for mistake in wrong]
        if procedure is not None:
            found.append(procedure)
    return found


def _read(file: Path, kinds: Mapping[str, StepKind]) -> tuple[Procedure | None, list[str]]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None, ["is too large"]
        plain = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        return None, [f"cannot be read ({error.strerror})"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [f"is not TOML ({error})"]
    return decode(plain, kinds)
