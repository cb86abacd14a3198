"""Jitsi's IFrame API as it is published, bundled for the tests and kept in the user's cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "13.2.0"
SDK = f"@jitsi/react-native-sdk@{VERSION}"
NEEDS = (
    "@jitsi/js-utils@6.3.2",
    "@jitsi/logger@2.1.1",
    "@braintree/sanitize-url@7.0.0",
    "events@3.3.0",
    "punycode@2.3.1",
    "lodash-es@4.17.21",
    "esbuild@0.28.2",
)
SOURCE = "modules/API/external/external_api.js"
FOOTER = "window.JitsiMeetExternalAPI = OacBundle.default;"
MOST_S = 120


class NotToBeHad(Exception):
    """The packages or the programs for it cannot be had here."""


def external_api() -> str:
    """Return the text of `external_api.js`. Raises ``NotToBeHad``."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = base / "jitsi-oac-tests" / f"external_api-{VERSION}.js"
    if not kept.exists():
        if not shutil.which("npm"):
            raise NotToBeHad("npm is not installed")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            text = _bundle(Path(folder)).read_text()
        # Whole or not at all: another run may read it at the same time.
        half = kept.with_suffix(f".{os.getpid()}")
        half.write_text(text)
        half.replace(kept)
    return kept.read_text()


def _bundle(folder: Path) -> Path:
    (folder / "package.json").write_text(json.dumps({"private": True}))
    _run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NEEDS)
    _run(folder, "npm", "pack", "--silent", SDK)
    archive = next(folder.glob("*.tgz"))
    _run(folder, "tar", "-xzf", archive.name, "--strip-components=1", "package/modules")
    _run(folder, "tar", "-xzf", archive.name, "--strip-components=1", "package/react")
    _run(
        folder,
        "node_modules/.bin/esbuild",
        SOURCE,
        "--bundle",
        "--format=iife",
        "--global-name=OacBundle",
        "--resolve-extensions=.web.ts,.web.tsx,.ts,.tsx,.js",
        f"--footer:js={FOOTER}",
        "--outfile=external_api.js",
    )
    return folder / "external_api.js"


def _run(folder: Path, *command: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=MOST_S)
    except (subprocess.SubprocessError, OSError) as error:
        raise NotToBeHad(f"{command[0]} {command[1]} failed") from error
