"""The files below ``deploy/``: pinned, without secrets, and saying what the package says."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jitsi_oac_plugin import server_texts
from tests.support import require

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yml"
NAMES = [
    *("--bridge-host", "oac.example.org", "--meet-host", "meet.example.org"),
    *("--turn-host", "turn.example.org", "--public-address", "192.0.2.1"),
]
_LINE = re.compile(r"^([A-Z_]+)=(.+)$", re.MULTILINE)
_THIRD_PARTY = re.compile(
    r"stun:|stun\.|turnrelay|google|cloudflare|letsencrypt\.org|jitsi\.net|meet\.jit\.si|8x8"
)


def fill(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script that fills a file with secrets."""
    command = [sys.executable, "-I", "-S", str(DEPLOY / "secrets"), "--file", str(file)]
    return subprocess.run(
        [*command, *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_secrets_are_made_once_and_shown_never(tmp_path: Path) -> None:
    """A second run changes nothing; each value is its own, long, and readable by its owner alone."""
    file = tmp_path / ".env"
    said = fill(file, *NAMES)
    assert said.returncode == 0, said.stderr
    first = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    values = {n: v for n, v in _LINE.findall(first) if not n.endswith(("HOST", "ADDRESS"))}
    assert len(values) == len(set(values.values())) == 9
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values.values())
    assert not any(value in said.stdout + said.stderr for value in values.values())
    assert fill(file).returncode == 0
    assert file.read_text() == first


def test_values_that_are_there_are_kept(tmp_path: Path) -> None:
    """Only what is missing or empty is added; comments and foreign lines stay."""
    file = tmp_path / ".env"
    mine = "# mine\nTZ=Europe/Madrid\nBRIDGE_HOST=a.example.org\nJWT_APP_SECRET=kept\nREDIS_PASSWORD=\n"
    file.write_text(mine)
    assert fill(file, *NAMES).returncode == 0
    text = file.read_text()
    assert text.startswith(mine.replace("REDIS_PASSWORD=\n", ""))
    found = _LINE.findall(text)
    assert len(found) == len(dict(found))
    assert dict(found)["JWT_APP_SECRET"] == "kept"
    assert dict(found)["BRIDGE_HOST"] == "a.example.org"


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [*NAMES, "--bridge-host", "https://oac.example.org"],
        [*NAMES, "--meet-host", "meet.example.org\nA=b"],
        [*NAMES, "--public-address", "here"],
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    """Exit code 2 and a sentence; no file."""
    said = fill(tmp_path / ".env", *wrong)
    assert said.returncode == 2
    assert "cannot be the" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_variable_of_compose_is_filled_or_has_a_default(tmp_path: Path) -> None:
    """Nothing is left for a person to guess."""
    fill(tmp_path / ".env", *NAMES)
    filled = dict(_LINE.findall((tmp_path / ".env").read_text()))
    asked = set(re.findall(r"\$\{([A-Z_]+)(?!:-)[:}]", COMPOSE.read_text()))
    assert asked - set(filled) - {"BRIDGE_HOST"} == set(), asked - set(filled)


def test_every_image_is_pinned_and_no_secret_is_written_down() -> None:
    """No ``latest``, no moving tag; secrets are variables."""
    text = COMPOSE.read_text()
    images = re.findall(r"^    image: (\S+)$", text, re.MULTILINE)
    assert len(images) == 9
    for image in images:
        tag = image.rsplit(":", 1)[1].rstrip("}")
        assert re.search(r"\d+\.\d+\.\d+|\d+\.\d+$|-\d+|^local$", tag), image
    for name, value in re.findall(
        r"(\w*(?:SECRET|PASSWORD|CREDENTIALS)\w*): *\"?(\S+?)\"?$", text, re.M
    ):
        assert value.startswith("${"), (name, value)


def test_the_front_starts_again_with_what_it_passes_on_to() -> None:
    """A service that was made anew has another address, for which nginx asks only at its start."""
    front = COMPOSE.read_text().partition("\n  front:\n")[2].partition("\n\n")[0]
    waits = front.partition("    depends_on:\n")[2].partition("    networks:")[0]
    assert "&before { condition: service_started, restart: true }" in waits
    after = dict(re.findall(r"^      (\w+): ([&*]before)", waits, re.MULTILINE))
    sites = "".join(path.read_text() for path in (DEPLOY / "front").rglob("*") if path.is_file())
    services = set(re.findall(r"^  (\w+):$", COMPOSE.read_text(), re.MULTILINE)) - {"front"}
    passed_on_to = {name for name in services if re.search(rf"\b{name}:\d", sites)}
    assert set(after) == passed_on_to == {"bridge", "web", "turn"}


def test_what_compose_mounts_says_what_the_package_says() -> None:
    """One source: the page's settings, the log format, the script in the page's head, the headers."""
    meet = (DEPLOY / "jitsi/custom-config.js").read_text()
    assert meet == server_texts.meet_lines() + "\n"
    logs = (DEPLOY / "front/templates/logs.http.template").read_text()
    assert logs == server_texts.log_format_lines() + "\n"
    server = server_texts.Server(domain="d", app_id="a", bridge="https://${BRIDGE_HOST}")
    site = server_texts.site_lines(server)
    head = re.search(r"return 200 '<script.*", site)
    policy = re.search(r"add_header Content-Security-Policy.*", site)
    assert head
    assert policy
    assert head.group() in (DEPLOY / "jitsi/nginx.conf").read_text()
    assert policy.group() in (DEPLOY / "front/templates/sites.http.template").read_text()


def test_every_text_for_a_native_server_comes_along_without_the_sources() -> None:
    """What the installer fills in is in the distribution, file by file."""
    settings = configparser.ConfigParser()
    settings.read(DEPLOY.parent / "setup.cfg", encoding="utf-8")
    listed = settings["options.data_files"]["share/jitsi-oac/debian"].split()
    folder = DEPLOY / "debian"
    assert {str(path.relative_to(DEPLOY.parent)) for path in folder.iterdir()} - set(listed) == {
        "deploy/debian/README.md"
    }


def test_the_bridges_image_is_given_all_that_its_distribution_has() -> None:
    """A file that is listed and not copied stops the building of the image."""
    root = DEPLOY.parent
    settings = configparser.ConfigParser()
    settings.read(root / "setup.cfg", encoding="utf-8")
    wanted = {"setup.cfg", "pyproject.toml", "README.md", "LICENSE", "deploy/constraints.txt"}
    for files in settings["options.data_files"].values():
        wanted |= set(files.split())
    wanted |= {name.strip("*") for name in settings["options.packages.find"]["include"].split()}
    text = (DEPLOY / "Dockerfile.bridge").read_text()
    copied = [word for line in re.findall("^COPY (.+)$", text, re.M) for word in line.split()[:-1]]
    assert all((root / one).exists() for one in copied)
    covered = {one for one in wanted if any(f"{one}/".startswith(f"{c}/") for c in copied)}
    assert wanted - covered == set()


def test_nobody_else_is_contacted() -> None:
    """No file that is deployed names a server of somebody else, STUN included."""
    texts = {
        path: path.read_text()
        for folder in ("jitsi", "front", "nginx", "systemd", "counter", "debian")
        for path in (DEPLOY / folder).rglob("*")
        if path.is_file()
    }
    texts[COMPOSE] = re.sub(r"(?m)^ *image: .*|meet\.jitsi.*$", "", COMPOSE.read_text())
    named = {
        path.name: found.group()
        for path, text in texts.items()
        if (found := _THIRD_PARTY.search(text))
    }
    assert named == {}
    assert 'JVB_DISABLE_STUN: "1"' in COMPOSE.read_text()
    assert "stunServers: []" in server_texts.meet_lines()


@pytest.mark.parametrize("unit", ["oac-bridge.service", "oac-agent.service"])
def test_systemd_understands_the_units_and_finds_them_closed(tmp_path: Path, unit: str) -> None:
    """Every setting is known, and the sandbox is judged as at most 2.0 of 10."""
    require("systemd", "systemd-analyze")
    text = (DEPLOY / "systemd" / unit).read_text()
    copy = tmp_path / unit
    copy.write_text(re.sub(r"/opt/oac/bin/\S+", "/bin/true", text))
    verify = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert verify.returncode == 0, verify.stderr
    assert unit not in verify.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(copy)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout[-500:]


def test_the_agents_unit_lets_it_at_every_line_of_a_ticket_printer() -> None:
    """Closed as it is, it leaves USB and serial lines open, and names the groups that own them."""
    unit = (DEPLOY / "systemd/oac-agent.service").read_text()
    allowed = set(re.findall(r"^DeviceAllow=char-(\w+) rw$", unit, re.MULTILINE))
    assert {"usb", "ttyS", "ttyUSB", "ttyACM"} <= allowed
    groups = re.search(r"^SupplementaryGroups=(.+)$", unit, re.MULTILINE)
    assert groups is not None
    assert {"lp", "dialout"} <= set(groups[1].split())


def test_systemd_understands_the_counters_units(tmp_path: Path) -> None:
    """The screen's service and its nightly restart have no setting that systemd does not know."""
    require("systemd", "systemd-analyze")
    copies = []
    for path in sorted((DEPLOY / "counter").glob("oac-kiosk*.*")):
        copies.append(tmp_path / path.name)
        copies[-1].write_text(path.read_text().replace("/usr/bin/cage", "/bin/true"))
    assert len(copies) == 3
    verify = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, copies)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert verify.returncode == 0, verify.stderr
    assert "oac-kiosk" not in verify.stderr


def test_shell_scripts_are_sound() -> None:
    """What a shell would misread is found by shellcheck."""
    require("shellcheck", "shellcheck")
    scripts = [
        path
        for path in DEPLOY.rglob("*")
        if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/bin/bash"))
    ]
    assert scripts
    done = subprocess.run(
        ["shellcheck", *map(str, scripts)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
