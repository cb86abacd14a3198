"""The bridge's own keys: 32 random bytes each, as files that nobody else may read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from bridge.core.config import Settings
from bridge.core.errors import N_, BridgeError

LENGTH = 32
NAMES = ("documents",)


class KeyMissing(BridgeError):
    """A key is neither a file nor in the configuration, or is not one."""

    key = "key-missing"
    text = N_("A key of this installation is missing.")

    def __str__(self) -> str:
        return (
            f"The key '{self.facts['name']}' is missing or broken: run 'oac-bridge init', "
            f"or restore {self.facts['file']} from a backup."
        )


def load_key(settings: Settings, name: str) -> bytes:
    """Return the key ``name``, from the configuration or else from its file.

    Raises ``KeyMissing``.
    """
    file = _file(settings, name)
    try:
        text = settings.keys.get(name) or file.read_text(encoding="ascii")
        key = base64.b64decode(text.strip(), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error) as error:
        raise KeyMissing(name=name, file=str(file)) from error
    if len(key) != LENGTH:
        raise KeyMissing(name=name, file=str(file))
    return key


def make_keys(settings: Settings) -> list[str]:
    """Make the key files that are missing, readable by their owner alone; return their names."""
    settings.keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name in NAMES:
        file = _file(settings, name)
        if name in settings.keys or file.exists():
            continue
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(secrets.token_bytes(LENGTH)) + b"\n")
        made.append(name)
    return made


def _file(settings: Settings, name: str) -> Path:
    return settings.keys_dir / f"{name}.key"
