"""Reads a file of another package below a root, or says in a sentence why not."""

from __future__ import annotations

from pathlib import Path

from jitsi_oac_plugin.errors import LayoutUnknown


def read(root: Path, path: Path, package: str) -> str:
    """Return the text of a file that ``package`` should have made."""
    where = root / path
    if where.is_symlink():
        raise LayoutUnknown(f"/{path} is a symbolic link: please put the file itself there.")
    try:
        return where.read_bytes().decode()
    except FileNotFoundError:
        raise LayoutUnknown(
            f"/{path} is not there: please install {package}, or run this on the machine that has it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutUnknown(f"/{path} cannot be read ({error}): please run this as root.") from None
