"""``deploy/counter/install``: what it writes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).resolve().parents[2] / "deploy/counter/install"
BRIDGE, MEET = "https://oac.example.org", "https://meet.example.org"
NAMES = ["--bridge", BRIDGE, "--meet", MEET, "--counter", "counter-1"]


@pytest.fixture(params=["12", "13"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a bare root of each Debian."""
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/os-release").write_text(f'ID=debian\nVERSION_ID="{request.param}"\n')
    return tmp_path / "root"


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(INSTALL), "--root", str(root), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def _files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_dry_run_changes_nothing(root: Path) -> None:
    """It names every file and program, and leaves the root as it was."""
    before = _files(root)
    said = _run(root, *NAMES, "--dry-run", "--printer", "ipp://printer/ipp/print")
    assert said.returncode == 0, said.stderr
    assert "would write: /etc/chromium/policies/managed/oac-kiosk.json" in said.stdout
    assert "would run: systemctl enable oac-kiosk.service" in said.stdout
    assert _files(root) == before


def test_running_twice_is_running_once(root: Path) -> None:
    """The second run writes nothing and restarts nothing."""
    assert _run(root, *NAMES).returncode == 0
    first = _files(root)
    again = _run(root, *NAMES)
    assert "write:" not in again.stdout
    assert "systemctl restart" not in again.stdout
    assert _files(root) == first


@pytest.mark.parametrize(
    "path",
    [
        "etc/chromium/policies/managed/oac-kiosk.json",
        "etc/oac/kiosk.env",
        "usr/local/lib/oac/kiosk-browser",
    ],
)
def test_any_file_that_changes_restarts_the_screen(root: Path, path: str) -> None:
    """Whichever it is, however it is made: a screen that runs would not read it."""
    assert _run(root, *NAMES).returncode == 0
    good = (root / path).read_bytes()
    (root / path).write_bytes(good + b"\n")
    again = _run(root, *NAMES)
    assert again.stdout.count("write: ") == 1
    assert f"write: /{path}" in again.stdout
    assert "would run: systemctl restart oac-kiosk.service" in again.stdout
    assert (root / path).read_bytes() == good


def test_an_agent_that_runs_is_restarted_with_its_package(root: Path) -> None:
    """It is started again after the installation, and not begun where nobody paired it yet."""
    said = _run(root, *NAMES).stdout.splitlines()
    agent = [line for line in said if line.startswith("would run:") and "oac-agent.service" in line]
    assert agent[-1] == "would run: systemctl try-restart oac-agent.service"
    package = next(line for line in said if "pip install" in line)
    assert package.endswith(f"{INSTALL.parents[2]}[agent,sane,cups]")
    assert said.index(package) < said.index(agent[-1])


def test_the_screen_may_go_to_both_origins_and_nowhere_else(root: Path) -> None:
    """The policy is sound JSON with the two origins in each of its lists."""
    assert _run(root, *NAMES).returncode == 0
    policy = json.loads((root / "etc/chromium/policies/managed/oac-kiosk.json").read_text())
    for name in ("AudioCaptureAllowedUrls", "VideoCaptureAllowedUrls", "URLAllowlist"):
        assert policy[name] == [BRIDGE, MEET]
    # Everything alone leaves the browser's own pages open.
    assert {"*", "chrome://*", "file://*"} <= set(policy["URLBlocklist"])
    kiosk = (root / "etc/oac/kiosk.env").read_text()
    assert kiosk == f"OAC_KIOSK_URL={BRIDGE}/kiosk/counter-1\n"


def test_what_an_administrator_set_for_the_agent_stays(root: Path) -> None:
    """An agent's configuration that is there is not replaced."""
    (root / "etc/oac").mkdir()
    (root / "etc/oac/agent.toml").write_text('bridge_url = "https://other"\n')
    assert _run(root, *NAMES).returncode == 0
    assert (root / "etc/oac/agent.toml").read_text() == 'bridge_url = "https://other"\n'


@pytest.mark.parametrize(
    ("named", "is_told"), [("https://other", True), (BRIDGE, False), (f"{BRIDGE}/", False)]
)
def test_an_agent_that_stays_with_another_bridge_is_named(
    root: Path, named: str, is_told: bool
) -> None:
    """The screen alone would move, and nobody would know why the devices do not come along."""
    (root / "etc/oac").mkdir(parents=True)
    (root / "etc/oac/agent.toml").write_text(f'bridge_url = "{named}"\n')
    assert ("names another bridge" in _run(root, *NAMES).stdout) is is_told


def test_a_queue_is_made_first_and_told_its_patience_afterwards(root: Path) -> None:
    """With contimeout from the start CUPS would make a raw queue."""
    said = _run(root, *NAMES, "--printer", "ipp://printer.example.org/ipp/print").stdout
    assert "would run: cupsctl DirtyCleanInterval=0\n" in said
    queue = [line for line in said.splitlines() if "lpadmin -p" in line]
    address = "ipp://printer.example.org/ipp/print"
    assert queue[0] == f"would run: lpadmin -p COUNTER -E -v {address} -m everywhere"
    assert queue[1] == f"would run: lpadmin -p COUNTER -v {address}?contimeout=5"


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [*NAMES, "--bridge", "http://oac.example.org"],
        [*NAMES, "--bridge", 'https://a"|b'],
        [*NAMES, "--meet", "meet.example.org"],
        [*NAMES, "--counter", "counter 1"],
        [*NAMES, "--counter", "../x"],
        [*NAMES, "--printer", "file:///dev/null"],
        [*NAMES, "--printer"],
        [*NAMES, "--what"],
    ],
)
def test_what_cannot_be_is_refused(root: Path, wrong: list[str]) -> None:
    """Exit code 2, one sentence, and nothing written."""
    before = _files(root)
    said = _run(root, *wrong)
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 1
    assert _files(root) == before


def test_another_system_is_refused(tmp_path: Path) -> None:
    """It is for Debian 12 and 13."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text("ID=fedora\nVERSION_ID=43\n")
    said = _run(tmp_path, *NAMES)
    assert said.returncode == 2
    assert "fedora 43" in said.stderr
