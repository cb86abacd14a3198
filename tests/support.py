"""What tests share: saying which outside program or module they need."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest


def require(name: str, program: str = "", *, module: str = "") -> None:
    """Skip unless it is installed; fail instead where OAC_REQUIRE (a,b,c) holds the name."""
    if shutil.which(program) if program else find_spec(module):
        return
    reason = f"{program or module} is not installed"
    if name in os.environ.get("OAC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but OAC_REQUIRE asks for {name}")
    pytest.skip(reason)
