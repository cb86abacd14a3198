"""``oac-jitsi install --after-upgrade``: what apt calls after every change of packages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jitsi_oac_plugin import server_texts
from jitsi_oac_plugin.cli import main
from tests.support import require
from tests.unit.jitsi.debian_tree import CONFIG_JS, HOST_FILE, JICOFO, LAYOUTS, make, snapshot

BRIDGE = "https://oac.example.org"
HOOK = "etc/apt/apt.conf.d/80oac-jitsi"


def _run(root: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["install", "--root", str(root), *more])


@pytest.fixture(params=LAYOUTS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a server of each layout in turn, installed with an answer of its own."""
    root = make(tmp_path / "root", request.param)
    said = ["--bridge", BRIDGE, "--events-url", "http://10.0.0.2:8300", "--app-id", "town", "--yes"]
    result = _run(root, *said)
    assert result.exit_code == 0, result.output
    return root


def test_nothing_is_said_when_nothing_is_missing(server: Path) -> None:
    """Apt calls it after every package, of which few are Jitsi's."""
    before = snapshot(server)
    result = _run(server, "--after-upgrade")
    assert (result.exit_code, result.output) == (0, "")
    assert snapshot(server) == before


def test_a_server_without_an_installation_is_left_alone(tmp_path: Path) -> None:
    """The hook of an installation that was taken out half does nothing."""
    root = make(tmp_path / "root", "2026")
    before = snapshot(root)
    result = _run(root, "--after-upgrade")
    assert (result.exit_code, result.output) == (0, "")
    assert snapshot(root) == before


def test_what_an_upgrade_took_out_is_put_back_with_the_answers_of_then(server: Path) -> None:
    """Our pieces are as before, in files that a package wrote anew; each is named."""
    before = snapshot(server)
    for name in (JICOFO, CONFIG_JS):
        text = (server / name).read_text()
        (server / name).write_text(re.sub(r"(?ms)^(#|//) oac-jitsi: begin.*", "", text))
    result = _run(server, "--after-upgrade")
    assert result.exit_code == 0, result.output
    assert f"it is back: /{CONFIG_JS}, /{JICOFO}\n" in result.output
    assert snapshot(server) == before
    assert 'oac_app_id = "town"' in (server / "etc/prosody/oac-jitsi.cfg.lua").read_text()


def test_a_newer_package_brings_a_module_that_is_then_enabled(server: Path) -> None:
    """What was left out because it was not there is put in."""
    name = "mod_muc_flip.lua"
    (server / "usr/share/jitsi-meet/prosody-plugins" / name).write_text("-- a module\n")
    assert _run(server, "--after-upgrade").exit_code == 0
    assert '"muc_flip"' in (server / HOST_FILE).read_text()


def test_what_an_upgrade_made_unknown_is_told_and_left(server: Path) -> None:
    """One sentence in apt's output, and not a byte changed."""
    text = (server / HOST_FILE).read_text()
    (server / HOST_FILE).write_text(text.replace("cross_domain_bosh = false;", "if x then y() end"))
    before = snapshot(server)
    result = _run(server, "--after-upgrade")
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "cannot be understood" in result.output
    assert snapshot(server) == before


def test_apt_reads_the_hook_as_meant(server: Path) -> None:
    """It calls this program, does nothing without it, and never stops apt."""
    require("apt", "apt-config")
    done = subprocess.run(
        ["apt-config", "-c", str(server / HOOK), "dump", "DPkg::Post-Invoke"],
        check=True,
        capture_output=True,
        text=True,
    )
    [command] = re.findall(r'::Post-Invoke:: "(.*oac-jitsi.*)";', done.stdout)
    program = re.findall(r"test ! -x (\S+/bin/oac-jitsi) \|\|", command)
    assert program
    assert command.endswith("|| true")
    absent = server_texts.apt_lines("/nowhere/oac-jitsi").partition('{ "')[2].partition('";')[0]
    assert subprocess.run(["sh", "-c", absent], check=False, capture_output=True).returncode == 0
