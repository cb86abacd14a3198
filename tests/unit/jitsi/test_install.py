"""``oac-jitsi install`` on servers as Debian's packages leave them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jitsi_oac_plugin.cli import main
from jitsi_oac_plugin.errors import InstallFailed, LayoutUnknown
from jitsi_oac_plugin.install import debian, plan
from jitsi_oac_plugin.server_texts import Server
from tests.unit.jitsi.debian_tree import (
    CONFIG_JS,
    DOMAIN,
    HOST_FILE,
    JICOFO,
    LAYOUTS,
    SITE,
    make,
    snapshot,
)

BRIDGE = "https://oac.example.org"
SECRETS = "etc/oac/jitsi.secrets"


def _run(root: Path, *more: str) -> Result:
    arguments = ["install", "--root", str(root), "--bridge", BRIDGE, *more]
    return CliRunner().invoke(main, arguments)


def _installed(root: Path) -> Path:
    result = _run(root, "--yes")
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(params=LAYOUTS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a fresh server of each layout in turn."""
    return make(tmp_path / "root", request.param)


def test_installing_twice_is_installing_once(server: Path) -> None:
    """The second run finds everything in place and touches nothing."""
    first = snapshot(_installed(server))
    again = _run(server, "--yes")
    assert again.exit_code == 0
    assert "Everything is in place" in again.output
    assert snapshot(server) == first


def test_taking_it_out_gives_the_tree_back(server: Path) -> None:
    """Install and uninstall leave every byte, mode and folder as it was."""
    before = snapshot(server)
    assert snapshot(_installed(server)) != before
    result = _run(server, "--uninstall", "--yes")
    assert result.exit_code == 0, result.output
    assert snapshot(server) == before


@pytest.mark.parametrize("question", [["--dry-run"], []], ids=["dry run", "the answer is no"])
def test_nothing_changes_without_an_agreement(server: Path, question: list[str]) -> None:
    """The diff is shown; the tree stays."""
    before = snapshot(server)
    result = _run(server, *question)
    assert "+++ /etc/prosody/oac-jitsi.cfg.lua" in result.output
    assert "Nothing was changed." in result.output or result.exit_code == 1
    assert snapshot(server) == before


def test_secrets_are_in_one_file_and_nowhere_else(server: Path) -> None:
    """Neither what is shown nor any other file has them, theirs beside ours included."""
    result = _run(server, "--yes")
    file = server / SECRETS
    assert file.stat().st_mode & 0o777 == 0o640
    if os.geteuid() == 0:
        assert file.stat().st_gid == 115
    values = tomllib.loads(file.read_text())
    assert sorted(values) == ["app_secret", "control_secret", "events_secret"]
    assert len(set(values.values())) == 3
    assert all(len(value) >= 43 for value in values.values())
    for held in (*values.values(), "turn-secret-of-theirs", "jicofo-password"):
        assert held not in result.output
    for path in server.rglob("*"):
        if path.is_file() and path != file:
            assert not any(value in path.read_text() for value in values.values()), path


def test_secrets_in_use_are_kept(server: Path, tmp_path: Path) -> None:
    """What the bridge's configuration holds is taken over and stays over every later run."""
    bridge = tmp_path / "bridge.toml"
    bridge.write_text(f'public_url = "{BRIDGE}"\n[meeting]\napp_secret = "{"s" * 40}"\n')
    assert _run(server, "--yes", "--config", str(bridge)).exit_code == 0
    first = (server / SECRETS).read_text()
    assert tomllib.loads(first)["app_secret"] == "s" * 40
    assert "Everything is in place" in _run(server, "--yes").output
    assert (server / SECRETS).read_text() == first


def test_what_an_administrator_changed_elsewhere_stays(server: Path) -> None:
    """Lines that were added around our pieces outlive an uninstall."""
    _installed(server)
    for name in (HOST_FILE, JICOFO, CONFIG_JS):
        path = server / name
        path.write_text(path.read_text().replace("focus", "focus2") + "# added by hand\n")
    expected = {}
    for name in (HOST_FILE, JICOFO, CONFIG_JS):
        text = (server / name).read_text()
        text = re.sub(r" --\[\[oac-jitsi:\]\].*?--\[\[:oac-jitsi\]\]", "", text)
        expected[name] = re.sub(r"(?ms)^\S+ oac-jitsi: begin\n.*?oac-jitsi: end\n", "", text)
    assert _run(server, "--uninstall", "--yes").exit_code == 0
    assert {name: (server / name).read_text() for name in expected} == expected


def test_a_file_of_ours_that_was_changed_is_kept_and_named(server: Path) -> None:
    """A later install leaves it alone, an uninstall puts it aside; both say so."""
    _installed(server)
    ours = server / "etc/prosody/oac-jitsi.cfg.lua"
    changed = ours.read_text() + "-- by hand\n"
    ours.write_text(changed)
    again = _run(server, "--yes")
    assert "was changed by hand" in again.output
    assert ours.read_text() == changed
    out = _run(server, "--uninstall", "--yes")
    assert "oac-jitsi.cfg.lua.oac-kept" in out.output
    assert not ours.exists()
    assert ours.with_name("oac-jitsi.cfg.lua.oac-kept").read_text() == changed


def test_a_piece_of_ours_that_was_changed_is_put_aside(server: Path) -> None:
    """What an administrator wrote into a marked piece is not lost by an uninstall."""
    _installed(server)
    path = server / JICOFO
    path.write_text(path.read_text().replace("auto-owner = false", "auto-owner = true"))
    result = _run(server, "--uninstall", "--yes")
    assert f"/{JICOFO}.oac-kept" in result.output
    assert "oac-jitsi" not in path.read_text()
    assert "auto-owner = true" in (server / f"{JICOFO}.oac-kept").read_text()


def test_an_upgrade_that_rewrote_a_file_is_mended_by_running_again(server: Path) -> None:
    """A package that wrote jicofo's file anew loses our block; the next run gives it back."""
    _installed(server)
    text = (server / JICOFO).read_text()
    (server / JICOFO).write_text(re.sub(r"(?ms)^# oac-jitsi: begin.*", "", text))
    result = _run(server, "--yes")
    assert result.exit_code == 0
    assert "enable-auto-owner = false" in (server / JICOFO).read_text()


def test_a_setting_that_is_right_already_is_left_alone(server: Path) -> None:
    """The file of jicofo is not touched when automatic owners are off."""
    path = server / JICOFO
    path.write_text(
        path.read_text().replace("jicofo {", "jicofo {\n  conference { enable-auto-owner = false }")
    )
    before = path.read_text()
    _installed(server)
    assert path.read_text() == before


def test_a_file_without_a_last_newline_comes_back_as_it_was(server: Path) -> None:
    """The line end that our block needs is taken out with it."""
    for name in (JICOFO, HOST_FILE, CONFIG_JS):
        path = server / name
        path.write_text(path.read_text().rstrip("\n"))
    before = snapshot(server)
    _installed(server)
    assert "Everything is in place" in _run(server).output
    assert _run(server, "--uninstall", "--yes").exit_code == 0
    assert snapshot(server) == before


def _change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


OTHERS = {
    "no host file": lambda r: (r / HOST_FILE).unlink(),
    "host file is a link": lambda r: (r / HOST_FILE).rename(r / "a") and (r / HOST_FILE).symlink_to("/a"),
    "not read by Prosody": lambda r: (r / f"etc/prosody/conf.d/{DOMAIN}.cfg.lua").unlink(),
    "a program": lambda r: _change(r, HOST_FILE, "cross_domain_bosh = false;", "if x then y() end"),
    "an open brace": lambda r: _change(r, HOST_FILE, "unlimited_jids = {", "unlimited_jids = {{"),
    "not Lua": lambda r: _change(r, HOST_FILE, "plugin_paths", "@@@"),
    "another host": lambda r: _change(r, HOST_FILE, f'VirtualHost "{DOMAIN}"', 'VirtualHost "b.org"'),
    "no list of modules": lambda r: _change(r, HOST_FILE, "modules_enabled", "modules_disabled"),
    "other sign-in": lambda r: _change(r, HOST_FILE, '"jitsi-anonymous"', '"internal_hashed"'),
    "other tokens": lambda r: _change(
        r, HOST_FILE, 'authentication = "jitsi-anonymous" -- do not delete me', 'authentication = "token"\n app_id = "school"'
    ),
    "everybody owns": lambda r: _change(r, HOST_FILE, '"muc_meeting_id";', '"muc_allowners";'),
    "guests": lambda r: _change(
        r, HOST_FILE, 'VirtualHost "auth.', 'VirtualHost "guest.meet.example.org"\n authentication = "anonymous"\nVirtualHost "auth.'
    ),
    "no modules for tokens": lambda r: (
        r / "usr/share/jitsi-meet/prosody-plugins/mod_auth_token.lua"
    ).unlink(),
    "half a mark": lambda r: _change(r, HOST_FILE, '"ping";', '--[[oac-jitsi:]] "ping";'),
    "half a block": lambda r: _change(r, JICOFO, "jicofo {", "# oac-jitsi: begin\njicofo {"),
    "jicofo signs in": lambda r: _change(
        r, JICOFO, "bridge: {", "authentication { enabled = true }\n  bridge: {"
    ),
    "jicofo in braces": lambda r: (r / JICOFO).write_text("{ jicofo { a = 1 } }\n"),
    "jicofo not whole": lambda r: _change(r, JICOFO, "jicofo {", "jicofo { {"),
    "no site": lambda r: (r / SITE).unlink(),
    "site not whole": lambda r: _change(r, SITE, "ssi on;", "ssi on; }"),
    "site of another": lambda r: _change(r, SITE, f"server_name {DOMAIN};", "server_name b.org;"),
    "site refuses frames": lambda r: _change(r, SITE, "ssi on;", "ssi on; add_header X-Frame-Options DENY;"),
    "other frame-ancestors": lambda r: _change(
        r, SITE, "ssi on;", "ssi on; add_header Content-Security-Policy \"frame-ancestors 'none'\";"
    ),
    "a log of its own": lambda r: _change(r, SITE, "ssi on;", "ssi on; access_log /var/log/a.log;"),
    "our place is taken": lambda r: _change(r, SITE, "ssi on;", "ssi on; location /oac/ { return 404; }"),
    "a head of its own": lambda r: (r / "usr/share/jitsi-meet/plugin.head.html").write_text("<b>"),
    "conf.d is not read": lambda r: _change(r, "etc/nginx/nginx.conf", "include /etc/nginx/conf.d/*.conf;", ""),
    "a foreign file": lambda r: (r / "etc/prosody/oac-jitsi.cfg.lua").write_text("-- mine\n"),
    "no group": lambda r: (r / "etc/group").write_text("root:x:0:\n"),
    "short secret": lambda r: (r / "etc/oac").mkdir() or (r / SECRETS).write_text('app_secret = "a"\n'),
    "two servers": lambda r: (r / "etc/jitsi/meet/b.org-config.js").write_text(""),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_understood_is_refused_and_left_alone(server: Path, name: str) -> None:
    """One sentence says what to do, exit code 2, and not a byte is different."""
    OTHERS[name](server)
    before = snapshot(server)
    result = _run(server, "--yes")
    assert result.exit_code == 2, result.output
    said = result.output.strip().splitlines()
    assert len(said) == 1, result.output
    assert said[0].startswith("oac-jitsi: ")
    assert snapshot(server) == before


def test_a_server_that_takes_our_tokens_already_keeps_its_secret(server: Path) -> None:
    """jitsi-meet-tokens was set up for us: its secret is the one."""
    theirs = f'authentication = "token" -- do not delete me\n    app_id="oac"\n    app_secret="{"t" * 40}"'
    _change(server, HOST_FILE, 'authentication = "jitsi-anonymous" -- do not delete me', theirs)
    _change(server, HOST_FILE, '--"token_verification"', '"token_verification"')
    result = _run(server, "--yes")
    assert result.exit_code == 0, result.output
    assert tomllib.loads((server / SECRETS).read_text())["app_secret"] == "t" * 40
    assert "t" * 40 not in result.output
    assert (server / HOST_FILE).read_text().count('"token_verification"') == 1


def test_a_failed_check_takes_everything_back(server: Path) -> None:
    """When nginx would not start with it, the tree is as before."""
    before = snapshot(server)
    made = debian.make_plan(server, Server(domain=DOMAIN, app_id="oac", bridge=BRIDGE), {})
    with pytest.raises(InstallFailed, match="nginx says no"):
        plan.apply(made, lambda: "nginx says no")
    assert snapshot(server) == before


def test_there_is_nothing_to_take_out_of_a_server_without_it(server: Path) -> None:
    """An uninstall without an install is refused."""
    before = snapshot(server)
    with pytest.raises(LayoutUnknown):
        plan.undo(server)
    assert _run(server, "--uninstall", "--yes").exit_code == 2
    assert snapshot(server) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from jitsi_oac_plugin.cli import main
from jitsi_oac_plugin.install import plan
left = int(sys.argv.pop(1))
def counted(name):
    real = getattr(Path, name)
    def call(*given, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **more)
    setattr(Path, name, call)
for name in ("replace", "unlink", "rmdir", "chmod"):
    counted(name)
main()
"""


def _killed(root: Path, after: int, *more: str) -> bool:
    """Run the command and kill it before its ``after``-th change; return whether it came to that."""
    arguments = ["install", "--root", str(root), "--bridge", BRIDGE, "--yes", *more]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(after), *arguments], check=False, capture_output=True
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_stop_at_any_moment_is_mended_by_running_again(tmp_path: Path, layout: str) -> None:
    """Killed before any of its steps, a second run ends where an undisturbed one does."""
    before = snapshot(make(tmp_path / "plain", layout))
    whole = set(snapshot(_installed(tmp_path / "plain")))
    for after in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233):
        root = make(tmp_path / f"stopped-{after}", layout)
        was_killed = _killed(root, after)
        _installed(root)
        assert set(snapshot(root)) == whole, after
        was_killed = _killed(root, after, "--uninstall") or was_killed
        out = _run(root, "--uninstall", "--yes")
        assert out.exit_code in (0, 2), out.output
        assert snapshot(root) == before, after
        if not was_killed:
            return
    pytest.fail("the installation was never let through")


def test_the_command_says_what_it_would_write(tmp_path: Path) -> None:
    """``config`` prints the same texts that ``install`` writes."""
    root = _installed(make(tmp_path / "root", "2026"))
    said = CliRunner().invoke(
        main, ["config", "--domain", DOMAIN, "--app-id", "oac", "--bridge", BRIDGE, "--json"]
    )
    parts = "\n".join(json.loads(said.output).values())
    for name in ("etc/prosody/oac-jitsi.cfg.lua", "etc/nginx/conf.d/oac-jitsi.conf",
                 "etc/jitsi/meet/jaas/oac-jitsi.conf"):  # fmt: skip
        written = (root / name).read_text().split("\n", 1)[1].strip()
        assert written in parts, name


@pytest.mark.parametrize(
    "wrong",
    [
        ["--bridge", "oac.example.org"],
        ["--bridge", 'https://a"; os.exit()'],
        ["--bridge", "https://oac.example.org/desk"],
        ["--domain", "meet example"],
        ["--domain", "../../etc/passwd"],
        ["--app-id", 'a"b'],
        ["--public-address", "my-host"],
        ["--root", "/nowhere"],
    ],
)
def test_no_argument_reaches_a_file_unchecked(server: Path, wrong: list[str]) -> None:
    """What could be more than a name, an origin or an address is refused."""
    before = snapshot(server)
    result = _run(server, "--yes", *wrong)
    assert result.exit_code == 2, result.output
    assert snapshot(server) == before
