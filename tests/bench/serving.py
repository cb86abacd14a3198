"""What it takes to start a bridge for a measurement: a port, an environment, the sign of life."""

from __future__ import annotations

import os
import socket
import urllib.error
import urllib.request


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    """Return our environment without what would configure a bridge from outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OAC_")}


def is_serving(url: str) -> bool:
    """Return whether a bridge answers."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310  # ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
