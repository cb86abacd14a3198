"""A server whose packages are upgraded by the real dpkg, while our pieces are in its files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from jitsi_oac_plugin.cli import main
from tests.support import require
from tests.unit.jitsi.debian_tree import CONFIG_JS, HOST_FILE, JICOFO, LAYOUTS, make, snapshot

BRIDGE = "https://oac.example.org"
PLUGINS = "usr/share/jitsi-meet/prosody-plugins"
# What the packages' own scripts do to files that they made once: lines put in at the beginning, in
# the middle and at the end, and a file of settings written anew without its comments.
SCRIPTS = {
    "jitsi-meet-prosody": f"""
host="$DPKG_ROOT/{HOST_FILE}"
grep -q upgraded_before "$host" || sed -i '1s/^/upgraded_before = true\\n/' "$host"
sed -i 's/restrict_room_creation = true/restrict_room_creation = true\\n    storage = "memory"/' "$host"
printf '\\nComponent "later.meet.example.org" "muc"\\n    storage = "memory"\\n' >> "$host"
""",
    "jitsi-meet-web-config": f'echo "config.upgraded = true;" >> "$DPKG_ROOT/{CONFIG_JS}"\n',
    "jicofo": f"""
file="$DPKG_ROOT/{JICOFO}"
sed -i -e '/^ *#/d' -e '/enable-auto-owner/d' "$file"
""",
}
FILES = {
    "jitsi-meet-prosody": (
        f"{PLUGINS}/mod_auth_token.lua",
        f"{PLUGINS}/mod_token_verification.lua",
    ),
    "jitsi-meet-web": ("usr/share/jitsi-meet/index.html", "usr/share/jitsi-meet/plugin.head.html"),
    "prosody": ("etc/prosody/prosody.cfg.lua",),
}
CONFFILES = {"prosody": "/etc/prosody/prosody.cfg.lua\n"}


class Machine:
    """A tree with dpkg's own database, into which packages are put."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self._folder = root, folder
        for name in ("info", "updates", "triggers"):
            (root / "var/lib/dpkg" / name).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()

    def gets(self, version: str) -> None:
        """Have every package in this version, as apt would install them without a terminal."""
        packages = [
            self._package(name, version) for name in sorted({*FILES, *SCRIPTS, "jitsi-meet"})
        ]
        done = subprocess.run(
            [
                *("dpkg", f"--root={self.root}", "--force-script-chrootless", "--force-bad-path"),
                *("--install", *map(str, packages)),
            ],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr

    def runs(self, *arguments: str) -> str:
        """Run our command on it; return what it says."""
        result = CliRunner().invoke(main, ["install", "--root", str(self.root), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    def _package(self, name: str, version: str) -> Path:
        tree = self._folder / f"{name}-{version}"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
            "Maintainer: Nobody <nobody@example.org>\nDescription: stands in for Jitsi's\n"
        )
        for path in FILES.get(name, ()):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            # A package's files may not be there before it, as these are in the tree.
            present = self.root / path
            text = present.read_text() if present.exists() and version == "1" else ""
            (tree / path).write_text(text or ("" if path.endswith("html") else f"-- {version}\n"))
        if name in CONFFILES:
            (tree / "DEBIAN/conffiles").write_text(CONFFILES[name])
        if name in SCRIPTS and version != "1":
            script = tree / "DEBIAN/postinst"
            script.write_text(f"#!/bin/sh\nset -e\n{SCRIPTS[name]}")
            script.chmod(0o755)
        package = tree.with_suffix(".deb")
        subprocess.run(
            ["dpkg-deb", "--build", "--root-owner-group", "-Znone", str(tree), str(package)],
            check=True,
            capture_output=True,
        )
        return package


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_upgrade_leaves_ours_in_place_or_it_is_put_back(tmp_path: Path, layout: str) -> None:
    """Dpkg asks nothing; afterwards every piece of ours is there, beside what the packages changed."""
    require("dpkg", "dpkg")
    if os.geteuid():
        pytest.skip("dpkg unpacks for root alone")
    machine = Machine(make(tmp_path / "root", layout), tmp_path / "packages")
    machine.gets("1")
    machine.runs("--bridge", BRIDGE, "--yes")
    ours = {
        name: held
        for name, held in snapshot(machine.root).items()
        if "oac" in name and "var/lib" not in name
    }
    machine.gets("2")
    said = machine.runs("--after-upgrade")
    assert f"/{JICOFO}" in said
    after = snapshot(machine.root)
    assert {name: after[name] for name in ours} == ours
    assert [name for name in after if name.endswith((".dpkg-dist", ".dpkg-old", ".dpkg-new"))] == []
    host = (machine.root / HOST_FILE).read_text()
    for theirs in ("upgraded_before = true", "later.meet.example.org"):
        assert host.count(theirs) == 1
    assert host.count('Include "/etc/prosody/oac-jitsi.cfg.lua"') == 1
    assert (machine.root / CONFIG_JS).read_text().count("config.upgraded = true;") == 1
    assert "enable-auto-owner = false" in (machine.root / JICOFO).read_text()
    assert machine.runs("--after-upgrade") == ""
    machine.runs("--uninstall", "--yes")
    assert not any(
        b"oac" in path.read_bytes() for path in machine.root.rglob("etc/**/*") if path.is_file()
    )
