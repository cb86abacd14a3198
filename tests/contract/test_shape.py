"""The shape of the house: sizes and names."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CAPS = {".py": 400, ".js": 200, ".css": 200, ".c": 400, ".lua": 200}
FUNCTION_CAP = 40
BANNED_NAMES = {"utils.py", "helpers.py", "queue.py", "token.py", "secrets.py", "misc.py"}
NOT_OURS = ("bridge/static/vendor/", "bridge/migrations/versions/")


def _tracked() -> Iterator[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listing.stdout.splitlines():
        if not name.startswith(NOT_OURS) and (ROOT / name).is_file():
            yield ROOT / name


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_keep_their_cap() -> None:
    """No file is longer than the cap of its kind."""
    lengths = {
        path: len(path.read_text().splitlines()) for path in _tracked() if path.suffix in CAPS
    }
    assert {p: n for p, n in lengths.items() if n > CAPS[p.suffix]} == {}


def test_functions_keep_their_cap() -> None:
    """No Python function is longer than forty lines."""
    longer = {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in _tracked()
        if path.suffix == ".py"
        for name, lines in _functions(path)
        if lines > FUNCTION_CAP
    }
    assert longer == {}


def test_no_file_is_called_after_nothing() -> None:
    """A file is named after what it is for, and shadows no module of the standard library."""
    assert [path for path in _tracked() if path.name in BANNED_NAMES] == []


@pytest.mark.parametrize("name", ["deploy/demo", "tests/run", ".ci/run"])
def test_the_commands_can_be_run(name: str) -> None:
    """The commands that others rely on are executable."""
    assert (ROOT / name).stat().st_mode & 0o111
