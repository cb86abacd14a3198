"""``oac-jitsi install`` with RS256: two halves of a key, each where it belongs."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from jitsi_oac_plugin.cli import main
from tests.unit.jitsi.debian_tree import HOST_FILE, make, snapshot

BRIDGE = "https://oac.example.org"
PRIVATE = "etc/oac/jitsi.key.pem"
PUBLIC = "etc/oac/jitsi.pub.pem"
FRAGMENT = "etc/prosody/oac-jitsi.cfg.lua"
SIGN_IN = 'authentication = "jitsi-anonymous" -- do not delete me'


def _run(root: Path, *more: str) -> Result:
    arguments = ["install", "--root", str(root), "--bridge", BRIDGE, "--algorithm", "RS256"]
    return CliRunner().invoke(main, [*arguments, *more])


def _installed(root: Path, *more: str) -> Result:
    result = _run(root, "--yes", *more)
    assert result.exit_code == 0, result.output
    return result


def _key(bits: int = 2048) -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return _halves(key)


def _halves(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[bytes, bytes]:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Return a fresh server that has the bridge on it."""
    root = make(tmp_path / "root", "2026")
    with (root / "etc/group").open("a") as file:
        file.write("oac-bridge:x:116:\n")
    return root


def test_a_pair_is_made_once_and_each_half_goes_to_its_owner(server: Path) -> None:
    """Prosody reads the public half; the private one is the bridge's, and is shown nowhere."""
    said = _installed(server)
    private = server / PRIVATE
    assert private.stat().st_mode & 0o777 == 0o640
    if os.geteuid() == 0:
        assert private.stat().st_gid == 116
    key = load_pem_private_key(private.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert (server / PUBLIC).read_bytes() == _halves(key)[1]
    assert sorted(tomllib.loads((server / "etc/oac/jitsi.secrets").read_text())) == [
        "control_secret",
        "events_secret",
    ]
    fragment = (server / FRAGMENT).read_text()
    assert "app_secret" not in fragment
    assert 'signature_algorithm = "RS256"' in fragment
    assert 'asap_key_server = "http://127.0.0.1:5280/oac/keys"' in fragment
    held = private.read_text().splitlines()[1]
    assert held not in said.output
    assert [path for path in server.rglob("*") if path.is_file() and held in path.read_text()] == [
        private
    ]
    before = snapshot(server)
    assert "Everything is in place." in _installed(server).output
    assert snapshot(server) == before


def test_taking_it_out_gives_the_tree_back(server: Path) -> None:
    """The keys go too, byte for byte."""
    before = snapshot(server)
    _installed(server)
    assert _run(server, "--uninstall", "--yes").exit_code == 0
    assert snapshot(server) == before


def test_a_dry_run_makes_no_key(server: Path) -> None:
    """What would be made is named, and is not there afterwards."""
    before = snapshot(server)
    said = _run(server, "--dry-run").output
    assert f"+++ /{PRIVATE} (mode 0640, group oac-bridge; not shown)" in said
    assert "BEGIN PRIVATE KEY" not in said
    assert snapshot(server) == before


def test_a_private_half_that_was_moved_to_the_bridge_is_not_made_again(server: Path) -> None:
    """The pair stays the pair: Prosody goes on with the public half."""
    _installed(server)
    public = (server / PUBLIC).read_bytes()
    (server / PRIVATE).unlink()
    assert "Everything is in place." in _installed(server).output
    assert not (server / PRIVATE).exists()
    assert (server / PUBLIC).read_bytes() == public


def test_without_a_bridge_here_the_private_half_is_roots(tmp_path: Path) -> None:
    """Nobody else reads it, and the command says to take it to the bridge."""
    root = make(tmp_path / "root", "2023")
    said = _installed(root).output
    assert "please move it there" in said
    if os.geteuid() == 0:
        assert (root / PRIVATE).stat().st_gid == 0
    assert (root / PRIVATE).stat().st_mode & 0o777 == 0o640


def test_a_key_of_the_bridges_own_is_used(server: Path, tmp_path: Path) -> None:
    """Given its public half, or its configuration on this machine, no private one is written."""
    _, public = _key()
    (tmp_path / "mine.pem").write_bytes(public)
    said = _installed(server, "--public-key", str(tmp_path / "mine.pem"), "--key-id", "oac/2026")
    assert (server / PUBLIC).read_bytes() == public
    assert not (server / PRIVATE).exists()
    assert 'oac_key_id = "oac/2026"' in (server / FRAGMENT).read_text()
    assert 'key_id = "oac/2026"' in said.output
    (tmp_path / "own.pem").write_bytes(_key()[0])
    bridge = tmp_path / "bridge.toml"
    bridge.write_text(f'[meeting]\nprivate_key_file = "{tmp_path / "own.pem"}"\nkey_id = "k2"\n')
    _installed(server, "--config", str(bridge))
    assert (server / PUBLIC).read_bytes() != public
    assert not (server / PRIVATE).exists()
    assert 'oac_key_id = "k2"' in (server / FRAGMENT).read_text()


def test_a_shared_secret_gives_way_to_a_key_and_comes_back(server: Path) -> None:
    """The algorithm may be changed either way; what was said once need not be said again."""
    shared = CliRunner().invoke(
        main, ["install", "--root", str(server), "--bridge", BRIDGE, "--yes"]
    )
    assert shared.exit_code == 0
    _installed(server)
    again = CliRunner().invoke(main, ["install", "--root", str(server), "--yes"])
    assert again.output.strip() == "Everything is in place."
    old = (server / PUBLIC).read_bytes()
    shown = _run(server, "--dry-run", "--algorithm", "HS256").output
    back = _run(server, "--yes", "--algorithm", "HS256")
    assert back.exit_code == 0
    for name in (PRIVATE, PUBLIC):
        assert f"--- /{name} (removed)" in shown
        assert not (server / name).exists()
    assert "app_secret" in tomllib.loads((server / "etc/oac/jitsi.secrets").read_text())
    assert "asap_key_server" not in (server / FRAGMENT).read_text()
    assert "Everything is in place." in _run(server, "--yes", "--algorithm", "HS256").output
    _installed(server)
    assert (server / PUBLIC).read_bytes() != old
    assert (server / PRIVATE).exists()


def test_a_pair_that_should_go_is_back_when_the_rest_would_not_work(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nginx refuses leaves every byte and every mode as it was."""
    _installed(server)
    before = snapshot(server)
    monkeypatch.setattr("jitsi_oac_plugin.cli_install._complaint", lambda _: "no")
    assert _run(server, "--yes", "--algorithm", "HS256").exit_code != 0
    assert snapshot(server) == before


def test_a_key_of_somebody_else_stays(server: Path) -> None:
    """With a shared secret, only a pair that was made here and not changed since goes."""
    _installed(server)
    _, public = _key()
    (server / PUBLIC).write_bytes(public)
    (server / PRIVATE).unlink()
    said = _run(server, "--yes", "--algorithm", "HS256")
    assert said.exit_code == 0
    assert (server / PUBLIC).read_bytes() == public
    assert f"/{PUBLIC} was changed by hand and is kept as it is." in said.output


def test_prosodys_own_port_is_the_one_that_is_asked(server: Path) -> None:
    """Where Prosody listens elsewhere for HTTP, keys and control are there."""
    with (server / "etc/prosody/prosody.cfg.lua").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write("http_ports = { 5290, 5291 }\n" + text)
    said = _installed(server)
    assert 'asap_key_server = "http://127.0.0.1:5290/oac/keys"' in (server / FRAGMENT).read_text()
    assert 'control_url = "http://127.0.0.1:5290/oac"' in said.output


def _insert(root: Path, old: str, new: str) -> None:
    path = root / HOST_FILE
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("public keys from elsewhere", 'asap_key_server = "https://keys.example.org"'),
        ("public keys from elsewhere", 'cache_keys_url = "https://keys.example.org/all"'),
        ("tokens of a shared secret", f'app_secret = "{"t" * 40}"'),
    ],
)
def test_a_server_with_other_tokens_is_left_alone(server: Path, said: str, lines: str) -> None:
    """Whoever is let in now would not be any more."""
    _insert(server, SIGN_IN, f'authentication = "token"\n    app_id = "oac"\n    {lines}')
    before = snapshot(server)
    result = _run(server, "--yes")
    assert result.exit_code == 2
    assert said in result.output
    assert snapshot(server) == before


def test_what_is_no_key_for_it_is_refused(server: Path, tmp_path: Path) -> None:
    """One sentence, exit code 2, nothing changed: a private half above all."""
    before = snapshot(server)
    private, _ = _key()
    elliptic = _halves(ec.generate_private_key(ec.SECP256R1()))
    for content, sentence in (
        (private, "is a private key, which the bridge alone may have"),
        (elliptic[1], "is no RSA public key in PEM"),
        (_key(1024)[1], "has 1024 bits"),
        (b"ssh-rsa AAAA\n", "is no RSA public key in PEM"),
        (None, "cannot be read"),
    ):
        file = tmp_path / "given.pem"
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        result = _run(server, "--yes", "--public-key", str(file))
        assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
        assert sentence in result.output
    bridge = tmp_path / "bridge.toml"
    (tmp_path / "own.pem").write_bytes(elliptic[0])
    bridge.write_text(f'[meeting]\nprivate_key_file = "{tmp_path / "own.pem"}"\n')
    for more in (
        ("--config", str(bridge)),
        ("--key-id", 'a"; os.exit()'),
        ("--algorithm", "HS256", "--public-key", str(tmp_path / "own.pem")),
        ("--algorithm", "none"),
    ):
        assert _run(server, "--yes", *more).exit_code == 2, more
    assert snapshot(server) == before
