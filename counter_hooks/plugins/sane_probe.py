"""A process that is thrown away: asks SANE what scanners there are and what they take.

    python -P sane_probe.py list
    python -P sane_probe.py describe NAME

Prints one JSON object on standard output: ``{"devices": [...]}``, ``{"sources": [...]}``, or
``{"error": TEXT}`` with exit code 1, where TEXT is one of SANE's own status texts. Backends and
the binding may hang, crash or print; whoever starts this gives it a time limit and kills it. It
imports nothing of this package, so that it also starts where only python-sane is installed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import _sane
import sane

# Capability bits of an option (SANE standard 4.2.9.7) and the one type that a source has.
SOFT_SELECT = 1
INACTIVE = 32
TYPE_STRING = 3


def found_devices() -> list[dict[str, str]]:
    """Return name, vendor, model and kind of what SANE lists."""
    return [
        {"name": name, "vendor": vendor, "model": model, "kind": kind}
        for name, vendor, model, kind in sane.get_devices(False)
    ]


def source_descriptions(name: str) -> list[dict[str, Any]]:
    """Return the options of a device as they are under each of its sources.

    Areas and resolutions of a feeder often differ from those of the glass, so each source is
    selected in turn. A device without the option has one nameless source.
    """
    device = sane.open(name)
    # The binding's attributes accept unknown names and wrap integers: only its lower half is used.
    handle = device.dev
    own_names: list[str | None] = [*_choices(handle.get_options())]
    descriptions = []
    for own_name in own_names or [None]:
        if own_name is not None:
            _select(handle, own_name)
        options = [_option(row) for row in handle.get_options() if row[1]]
        descriptions.append({"source": own_name, "options": options})
    device.close()
    return descriptions


def _choices(options: Iterable[tuple[Any, ...]]) -> list[str]:
    for row in options:
        if row[1] == "source" and row[4] == TYPE_STRING and isinstance(row[8], list):
            return [str(value) for value in row[8]]
    return []


def _select(handle: Any, own_name: str) -> None:
    for row in handle.get_options():
        if row[1] == "source" and row[7] & SOFT_SELECT and not row[7] & INACTIVE:
            handle.set_option(row[0], own_name)


def _option(row: tuple[Any, ...]) -> dict[str, Any]:
    _, name, _, _, kind, unit, _, capabilities, constraint = row
    return {
        "name": name,
        "type": kind,
        "unit": unit,
        "usable": bool(capabilities & SOFT_SELECT) and not capabilities & INACTIVE,
        "range": list(constraint) if isinstance(constraint, tuple) else None,
        "values": list(constraint) if isinstance(constraint, list) else None,
    }


def _answer(arguments: list[str]) -> Mapping[str, Any]:
    sane.init()
    if arguments == ["list"]:
        return {"devices": found_devices()}
    if len(arguments) == 2 and arguments[0] == "describe":
        return {"sources": source_descriptions(arguments[1])}
    return {"error": "Invalid argument"}


def main(arguments: list[str]) -> int:
    """Answer on what was standard output; what backends print there goes to standard error."""
    answers = os.dup(1)
    os.dup2(2, 1)
    try:
        answer = _answer(arguments)
    except (_sane.error, RuntimeError) as error:
        answer = {"error": str(error)}
    with os.fdopen(answers, "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
