"""A bell for the video counter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from counter_hooks import DeviceGone


def ring(settings: Mapping[str, object], *, times: int = 1) -> None:
    """Ring the bell of a terminal: by default the loudspeaker inside the computer."""
    terminal = Path(str(settings.get("terminal", "/dev/tty0")))
    try:
        with terminal.open("a", encoding="ascii") as bell:
            bell.write("\a" * times)
    except OSError as error:
        raise DeviceGone(f"{terminal} cannot ring: {error.strerror}") from error
