"""Towns for tests: their office is made once in each process, and copied."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from deploy.stage.town import SIGN_INS, Town


def a_town(folder: Path, **chosen: Any) -> Town:
    """Return a town in ``folder`` that is like ``Town(folder, **chosen)``, on SQLite."""
    made = _office()
    folder.mkdir(exist_ok=True)
    shutil.copytree(made / "data", folder / "data")
    shutil.copy2(made / SIGN_INS, folder)
    return Town(folder, **chosen)


@functools.cache
def _office() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="oac-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Town(folder, has_devices=False).make_office()
    return folder
