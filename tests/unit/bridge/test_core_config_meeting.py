"""What can be wrong with the settings of meetings is told together, and before the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from bridge.core.config import ConfigUnsound, Settings, load
from tests.meeting_server import jitsi_settings


def _loaded(**changed: str) -> Settings:
    settings = jitsi_settings("http://127.0.0.1:5280/oac") | changed
    return load(None, {f"OAC_{name.upper()}": value for name, value in settings.items()})


def _mistakes(**changed: str) -> list[str]:
    with pytest.raises(ConfigUnsound) as caught:
        _loaded(**changed)
    return caught.value.mistakes


def _key(file: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: str = "") -> str:
    locked: KeySerializationEncryption = NoEncryption()
    if password:
        locked = BestAvailableEncryption(password.encode())
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    return str(file)


def test_everything_wrong_is_told_at_once() -> None:
    """Short secrets, an open control, half a control, no number: one start shows them all."""
    found = _mistakes(
        meeting_domain="https://meet.example/",
        meeting_app_secret="short",
        meeting_events_secret="short",
        meeting_control_secret="short",
        meeting_control_url="http://meet.example:5280/oac",
        meeting_token_minutes="0",
        meeting_phones='{"counter-1": "ask Rosa"}',
    )
    places = sorted(mistake.partition(":")[0] for mistake in found)
    assert places == sorted(
        [
            "meeting.domain",
            "meeting.app_secret",
            "meeting.events_secret",
            "meeting.control_secret",
            "meeting.control_url",
            "meeting.token_minutes",
            "meeting.phones.counter-1",
        ]
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://meet.example/oac",
        "http://localhost:5280/oac",
        "http://[::1]:5280/oac",
        "http://prosody:5280/oac",
    ],
)
def test_the_control_is_secret_or_near(url: str) -> None:
    """Its secret never crosses a network in the open."""
    assert _loaded(meeting_control_url=url).meeting.control_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.5/oac",
        "ftp://127.0.0.1/oac",
        "127.0.0.1:5280",
        "http://me:secret@127.0.0.1/oac",
        "http://127.0.0.1:port/oac",
        "https://",
        "http://[",
    ],
)
def test_any_other_control_is_refused(url: str) -> None:
    """An address that is open, or none, is named."""
    (mistake,) = _mistakes(meeting_control_url=url)
    assert mistake.startswith("meeting.control_url: ")
    assert "secret" not in mistake


def test_half_a_control_is_none() -> None:
    """Address and secret are needed together."""
    (mistake,) = _mistakes(meeting_control_secret="")
    assert "both are needed" in mistake


def test_a_key_file_replaces_the_secret(tmp_path: Path) -> None:
    """With RS256 there is an RSA key and its id, and no shared secret."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    rs256 = {"meeting_algorithm": "RS256", "meeting_app_secret": ""}
    assert len(_mistakes(**rs256)) == 2
    file = _key(tmp_path / "key.pem", key)
    good = {**rs256, "meeting_key_id": "k1", "meeting_private_key_file": file}
    assert _loaded(**good).meeting.private_key_file == Path(file)
    other = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "text.pem").write_text("no key")
    for wrong in (
        str(tmp_path / "missing.pem"),
        str(tmp_path),
        str(tmp_path / "text.pem"),
        _key(tmp_path / "locked.pem", key, "password"),
        _key(tmp_path / "other.pem", other),
    ):
        (mistake,) = _mistakes(**{**good, "meeting_private_key_file": wrong})
        assert mistake.startswith("meeting.private_key_file: ")


def test_secrets_are_not_shown() -> None:
    """What is printed of settings holds none of the meetings' secrets."""
    shown = repr(_loaded())
    for secret in ("a" * 32, "c" * 32, "e" * 32):
        assert secret not in shown
