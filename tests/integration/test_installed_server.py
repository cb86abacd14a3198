"""What ``oac-jitsi install`` leaves, in the hands of the real nginx and the real Prosody."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from deploy.virtual.processes import Process, wait_until
from jitsi_oac_plugin import Control
from jitsi_oac_plugin.cli import main
from jitsi_oac_plugin.errors import ControlRefused
from tests.integration.nginx_front import Nginx, certificate, main_of, needed
from tests.integration.prosody.programs import SOURCES, SUITES, Program, find
from tests.integration.prosody.server import free_port
from tests.unit.jitsi.debian_tree import DOMAIN, LAYOUTS, make

BRIDGE = "https://oac.example.org"
TOKEN = "eyJhbGciOi.not-for-a-log.signature"
PATIENCE_S = 60
_ABSOLUTE = re.compile(r"/(?:etc/(?:jitsi|nginx/conf\.d|oac|prosody)|usr/(?:local/)?share)/")
_INDEX = (
    """<html><head><!--#include virtual="/plugin.head.html" --></head><body>meeting</body></html>"""
)
# Jitsi's own modules are not here; each of these only has to be there when Prosody asks for it.
_STANDINS = {
    "auth_jitsi-anonymous": "",
    "auth_token": """
        local sasl = require "util.sasl"
        module:provides("auth", { get_sasl_handler = function()
            return sasl.new(module.host, { anonymous = function() return true end }) end })""",
    "client_proxy": "",
    "polls_component": "",
    "room_metadata_component": "",
}


@pytest.fixture(params=LAYOUTS)
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a server of each layout on which the command was run."""
    tree = make(tmp_path / "root", request.param)
    arguments = ["install", "--root", str(tree), "--bridge", BRIDGE, "--yes"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return tree


def _moved(root: Path, text: str) -> str:
    """Return a configuration with the places below / that it names moved below ``root``."""
    return _ABSOLUTE.sub(lambda found: f"{root}{found.group()}", text)


@dataclass(frozen=True)
class Pages:
    """The meeting host's pages, as nginx serves them."""

    url: str
    ca: Path
    nginx: Nginx

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask for ``path``."""
        return requests.get(
            self.url + path,
            headers={"Host": DOMAIN, **headers},
            verify=str(self.ca),
            timeout=PATIENCE_S,
        )


@pytest.fixture
def pages(root: Path) -> Iterator[Pages]:
    """Start nginx with the site as the installation left it, ports and places changed."""
    needed()
    port, dead = free_port(), free_port()
    (root / "usr/share/jitsi-meet/index.html").write_text(_INDEX)
    web = root / "usr/local/share/jitsi-oac/web"
    (web / "probe.js").write_text("export {};\n")
    tls = certificate(root / "etc/jitsi/meet", DOMAIN)
    for made, expected in (("cert.pem", "crt"), ("key.pem", "key")):
        (tls.parent / made).rename(tls.parent / f"{DOMAIN}.{expected}")
    parts = [
        (root / name).read_text()
        for name in ("etc/nginx/conf.d/oac-jitsi.conf", f"etc/nginx/sites-available/{DOMAIN}.conf")
    ]
    inside = _moved(root, _ours_in("\n".join(parts), port, dead))
    for snippet in root.glob("etc/jitsi/meet/**/oac-jitsi.conf"):
        logs = root / "run"
        snippet.write_text(_moved(root, snippet.read_text()).replace("/var/log/nginx", str(logs)))
    nginx = Nginx(root / "run", main_of(inside))
    assert nginx.complaint() == ""
    nginx.start(port)
    yield Pages(f"https://127.0.0.1:{port}", tls.parent / f"{DOMAIN}.crt", nginx)
    nginx.stop()


def _ours_in(text: str, port: int, dead: int) -> str:
    text = re.sub(r"(?m)^ *listen (\[::\]|80).*\n", "", text)
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{port} ")
    return re.sub(r"(127\.0\.0\.1|localhost):(5280|8888)", f"127.0.0.1:{dead}", text)


def test_a_meeting_page_includes_our_module_and_names_who_may_frame_it(pages: Pages) -> None:
    """The script stands in the page's head, and the policy is sent once, for our bridge alone."""
    answer = pages.get("/oac-room")
    assert '<head><script type="module" src="/oac/oac-meeting.js"></script></head>' in answer.text
    [policy] = answer.raw.headers.getlist("Content-Security-Policy")
    assert policy == f"frame-ancestors 'self' {BRIDGE}"
    assert len(answer.raw.headers.getlist("Strict-Transport-Security")) == 1


def test_our_files_are_served_and_nothing_of_prosodys(pages: Pages) -> None:
    """Settings and scripts come with their types; the control of the rooms cannot be reached."""
    assert pages.get("/oac/settings.json").json() == {"bridge": BRIDGE}
    assert "javascript" in pages.get("/oac/probe.js").headers["Content-Type"]
    for path in (
        "/oac/status",
        "/oac/rooms/oac-room",
        "/oac/../oac/status",
        "/oac/%2e%2e/oac/status",
    ):
        answer = pages.get(path)
        assert answer.status_code in (400, 404), (path, answer.status_code)


def test_no_token_reaches_a_log(pages: Pages) -> None:
    """Neither as an address, nor as a referrer, nor with an error of the server behind nginx."""
    pages.get(f"/oac-room?jwt={TOKEN}")
    pages.get(f"/oac-room?lang=ca&JWT={TOKEN}")
    pages.get(f"/xmpp-websocket?room=oac-room&token={TOKEN}", Upgrade="websocket")
    pages.get(f"/http-bind?room=oac-room&token={TOKEN}")
    pages.get("/oac/settings.json", Referer=f"https://{DOMAIN}/oac-room?jwt={TOKEN}")
    pages.get("/oac-room?lang=ca")
    # A line is written after its answer.
    wait_until(lambda: pages.nginx.log().count("\n") >= 6, "six lines", seconds=PATIENCE_S)
    access = pages.nginx.log()
    assert access.count("[redacted]") == 5, access
    assert "GET /oac-room?lang=ca HTTP" in access
    assert TOKEN not in access + pages.nginx.log("error")


@pytest.fixture(scope="session", params=list(SUITES))
def program(request: pytest.FixtureRequest) -> Program:
    """Return Debian 12's Prosody, then Debian 13's."""
    return find(request.param)


def _prosody(root: Path, port: int) -> Path:
    """Make the tree's Prosody runnable here; return its main configuration."""
    main_file = root / "etc/prosody/prosody.cfg.lua"
    host = root / f"etc/prosody/conf.avail/{DOMAIN}.cfg.lua"
    link = root / f"etc/prosody/conf.d/{DOMAIN}.cfg.lua"
    link.unlink()
    link.write_text(_moved(root, host.read_text()))
    fragment = root / "etc/prosody/oac-jitsi.cfg.lua"
    fragment.write_text(_moved(root, fragment.read_text()))
    plugins = root / "usr/share/jitsi-meet/prosody-plugins"
    wanted = set(re.findall(r'"(\w+)";', host.read_text())) - {"ping", "pubsub", "oac_counter"}
    wanted -= {"bosh", "websocket", "smacks", "external_services"}
    for name in {*wanted, *_STANDINS}:
        (plugins / f"mod_{name}.lua").write_text(_STANDINS.get(name, ""))
    own = f"""
run_as_root = true
data_path = "{root}/var/lib/prosody"
log = {{ debug = "*console" }}
http_ports = {{ {port} }}
https_ports = {{}}
c2s_ports = {{}}
s2s_ports = {{}}
c2s_direct_tls_ports = {{}}
s2s_direct_tls_ports = {{}}
component_ports = {{}}
modules_disabled = {{ "s2s", "tls" }}
"""
    text = main_file.read_text().replace("/run/prosody", str(root / "var/lib/prosody"))
    main_file.write_text(own + text)
    (root / "var/lib/prosody").mkdir(parents=True)
    return main_file


def test_prosody_runs_with_it_and_obeys_the_secret(program: Program, root: Path) -> None:
    """The module is loaded where the rooms are, with the options and secrets of the installation."""
    port = free_port()
    file = _prosody(root, port)
    process = Process(
        [*program.command, "--config", str(file), "-F"],
        log=root / "said",
        environment=os.environ | program.environment,
        directory=root,
    )
    secrets = tomllib.loads((root / "etc/oac/jitsi.secrets").read_text())
    control_url = f"http://127.0.0.1:{port}/oac"
    control = Control(control_url, secrets["control_secret"], timeout_s=30)
    try:
        process.wait_until(lambda: _answers(port), seconds=PATIENCE_S)
        status = control.status()
        assert (status.server, status.rooms) == (DOMAIN, 0)
        stranger = Control(control_url, "x" * 40, timeout_s=30)
        with closing(stranger), pytest.raises(ControlRefused):
            stranger.status()
    finally:
        control.close()
        process.stop(grace=20)
    said = (root / "said").read_text()
    assert "Not loaded" not in said
    assert "Duplicate option" not in said
    assert "direct usage" not in said
    assert not any(value in said for value in secrets.values())


def _answers(port: int) -> bool:
    try:
        address = f"http://127.0.0.1:{port}/oac/status"
        return requests.get(address, timeout=PATIENCE_S).status_code == 401
    except requests.ConnectionError:
        return False


def test_prosody_gives_its_own_modules_the_public_key(program: Program, tmp_path: Path) -> None:
    """With RS256 Jitsi's token authentication finds the key where it was told to ask, by its id."""
    root, port = make(tmp_path / "root", LAYOUTS[-1]), free_port()
    main_file = root / "etc/prosody/prosody.cfg.lua"
    plain = main_file.read_text()
    main_file.write_text(f"http_ports = {{ {port} }}\n{plain}")
    arguments = ["install", "--root", str(root), "--bridge", BRIDGE, "--yes"]
    said = CliRunner().invoke(main, [*arguments, "--algorithm", "RS256", "--key-id", "oac/1"])
    assert said.exit_code == 0, said.output
    fragment = (root / "etc/prosody/oac-jitsi.cfg.lua").read_text()
    [asked] = re.findall(r'asap_key_server = "(.+)"', fragment)
    main_file.write_text(plain)
    file = _prosody(root, port)
    process = Process(
        [*program.command, "--config", str(file), "-F"],
        log=root / "said",
        environment=os.environ | program.environment,
        directory=root,
    )
    try:
        process.wait_until(lambda: _answers(port), seconds=PATIENCE_S)
        name = hashlib.sha256(b"oac/1").hexdigest()
        answer = requests.get(f"{asked}/{name}.pem", timeout=PATIENCE_S)
        assert answer.content == (root / "etc/oac/jitsi.pub.pem").read_bytes()
    finally:
        process.stop(grace=20)


def test_prosody_reads_every_option_as_meant(program: Program, root: Path) -> None:
    """Prosody's own reader finds a token required, for our application, on the host and nowhere else."""
    *lua, prosody = program.command
    sources = f"{Path(prosody).parent}{SOURCES}"
    file = _prosody(root, free_port())
    script = f"""
        package.path = "{sources}/?.lua;{sources}/../?.lua;" .. package.path
        package.cpath = "{sources}/?.so;{sources}/../?.so;" .. package.cpath
        local config = require "core.configmanager"
        assert(config.load("{file}"))
        for _, name in ipairs {{ "authentication", "app_id", "allow_empty_token", "enable_domain_verification" }} do
            print(name, config.get("{DOMAIN}", name))
        end
        print("auth", config.get("auth.{DOMAIN}", "authentication"))
        for _, name in ipairs(config.get("conference.{DOMAIN}", "modules_enabled")) do print("room", name) end
        for _, path in ipairs(config.get("*", "plugin_paths")) do print("path", path) end
    """
    answer = subprocess.run(
        [*lua, "-e", script],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | program.environment,
    )
    assert answer.returncode == 0, answer.stderr
    read = [tuple(line.split("\t")) for line in answer.stdout.splitlines()]
    assert dict(read[:4]) == {
        "authentication": "token",
        "app_id": "oac",
        "allow_empty_token": "false",
        "enable_domain_verification": "true",
    }
    assert ("auth", "internal_hashed") in read
    assert {
        ("room", "token_verification"),
        ("room", "oac_counter"),
        ("room", "muc_rate_limit"),
    } <= set(read)
    assert ("path", f"{root}/usr/local/share/jitsi-oac/prosody") in read
    assert ("path", f"{root}/usr/share/jitsi-meet/prosody-plugins/") in read
