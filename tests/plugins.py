"""Plugins of strangers for tests: installed distributions with one module each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Install = Callable[..., None]

AGENT = "counter_hooks.agent"


def installer(folder: Path) -> Install:
    """Return what installs a plugin into ``folder``, which is on the path."""

    def make(name: str, code: str, *, group: str = "counter_hooks.bridge") -> None:
        module = f"plugin_{folder.name}_{name}".replace("-", "_")
        (folder / f"{module}.py").write_text(f"from counter_hooks import *\n{code}\n")
        info = folder / f"{module}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")

    return make
