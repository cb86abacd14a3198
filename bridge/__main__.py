"""``python -m bridge`` is ``oac-bridge``."""

from __future__ import annotations

from bridge.cli import main

main(prog_name="oac-bridge")
