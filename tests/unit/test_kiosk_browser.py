"""``deploy/counter/kiosk-browser``: a new profile with every start, and the cookies of the last."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy/counter/kiosk-browser"


def _starts(folder: Path) -> Path:
    """Start the screen with a browser that ends at once; return its profile's folder."""
    profile = folder / "screen"
    environment = {
        "PATH": "/usr/bin:/bin",
        "OAC_KIOSK_URL": "https://oac.example.org/kiosk/counter-1",
        "OAC_KIOSK_PROFILE": str(profile),
        "OAC_KIOSK_BROWSER": "true",
    }
    subprocess.run(["sh", str(SCRIPT)], check=True, env=environment)
    return profile / "Default"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("place", ["Cookies", "Network/Cookies"])
def test_cookies_are_kept_with_what_undoes_a_broken_write(tmp_path: Path, place: str) -> None:
    """The journal comes along while there is one, and an old one is not laid beside newer cookies."""
    default = _starts(tmp_path)
    assert _names(default) == []
    (default / place).parent.mkdir(exist_ok=True)
    (default / place).write_text("half")
    (default / f"{place}-journal").write_text("undo")
    (default / "History").write_text("somebody's")
    assert _names(_starts(tmp_path)) == ["Cookies", "Cookies-journal"]
    assert (default / "Cookies").read_text() == "half"
    assert (default / "Cookies-journal").read_text() == "undo"
    (default / "Cookies").write_text("whole")
    (default / "Cookies-journal").unlink()
    for _ in range(2):
        assert _names(_starts(tmp_path)) == ["Cookies"]
        assert (default / "Cookies").read_text() == "whole"
