"""Configuration: one file, the environment over it, every mistake at once."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bridge.core.config import ConfigUnsound, Settings, load
from bridge.core.keys import KeyMissing, load_key, make_keys


def _written(folder: Path, text: str) -> Path:
    file = folder / "bridge.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_is_needed(tmp_path: Path) -> None:
    """Without a file the defaults are sound: SQLite in the data folder, direct meetings."""
    settings = load(None, {"OAC_DATA_DIR": str(tmp_path)})
    assert settings.database == f"sqlite:///{tmp_path}/bridge.sqlite"
    assert settings.meeting.provider == "direct"
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A variable overrides the file, in sections too; lists come as JSON."""
    file = _written(tmp_path, 'port = 1\n[meeting]\ndomain = "a.example"\ntoken_minutes = 5\n')
    environment = {
        "OAC_PORT": "8443",
        "OAC_MEETING_DOMAIN": "b.example",
        "OAC_MEETING_ICE_SERVERS": '[{"urls": ["stun:s.example"]}]',
        "OAC_REQUIRE": "somebody else's variable",
    }
    settings = load(file, environment)
    assert (settings.port, settings.meeting.domain) == (8443, "b.example")
    assert settings.meeting.token_minutes == 5
    assert settings.meeting.ice_servers[0].urls == ("stun:s.example",)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Unknown keys and wrong kinds, in any section, are all in one error."""
    text = 'prot = 1\nport = "x"\n[meeting]\nprovider = "zoom"\n[staff]\nidle = 3\n'
    with pytest.raises(ConfigUnsound) as caught:
        load(_written(tmp_path, text), {})
    told = str(caught.value)
    with pytest.raises(
        ConfigUnsound, match=r"meeting: needs to be a table, written as \[meeting\]"
    ):
        load(_written(tmp_path, "meeting = 3\n"), {})
    for place in ("prot: there is no such setting", "port: ", "meeting.provider: ", "staff.idle: "):
        assert place in told


def test_contradictions_are_told_at_once() -> None:
    """What is wrong only in its meaning is told together as well."""
    environment = {
        "OAC_PORT": "70000",
        "OAC_PUBLIC_URL": "counter.example/path",
        "OAC_OFFICE_TIME_ZONE": "Europe/Paiporta",
        "OAC_MEETING_PROVIDER": "jitsi",
        "OAC_LIMITS_SIGN_IN": "sometimes",
    }
    with pytest.raises(ConfigUnsound) as caught:
        load(None, environment)
    assert len(caught.value.mistakes) == 7


@pytest.mark.parametrize("width", ["-1", "nan", "inf", "0.5", "19"])
def test_a_camera_sees_a_length(tmp_path: Path, width: str) -> None:
    """What no ruler shows is a mistake, in general and at a counter."""
    at_one = f"camera_width_mm_at = {{ counter-1 = {width} }}"
    for line in (f"camera_width_mm = {width}", at_one):
        with pytest.raises(ConfigUnsound, match="a length of at least 20 mm, or 0"):
            load(_written(tmp_path, f"[jobs]\n{line}\n"), {})


@pytest.mark.parametrize("text", ["port = ", "\xff", None])
def test_an_unreadable_file_is_a_mistake(tmp_path: Path, text: str | None) -> None:
    """A file that is not TOML, or not there, is named."""
    file = tmp_path / "bridge.toml"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigUnsound, match=r"bridge\.toml"):
        load(file, {})


def test_secrets_are_not_shown() -> None:
    """What is printed of settings holds no secret."""
    meeting = {"OAC_MEETING_APP_SECRET": "hush", "OAC_MONITORING_TOKEN": "hush"}
    assert "hush" not in repr(load(None, meeting))


def test_keys_are_made_once_and_for_their_owner(tmp_path: Path) -> None:
    """Key files are 0600, made only when missing, and different everywhere."""
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(KeyMissing, match="oac-bridge init"):
        load_key(settings, "documents")
    assert make_keys(settings) == ["documents"]
    key = load_key(settings, "documents")
    assert make_keys(settings) == []
    assert (len(key), load_key(settings, "documents")) == (32, key)
    mode = (tmp_path / "keys" / "documents.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_broken_key_is_no_key(tmp_path: Path) -> None:
    """A key that is too short or no base64 is refused, from file and configuration alike."""
    for text in ("AAAA", "not base64!"):
        with pytest.raises(KeyMissing):
            load_key(Settings(data_dir=tmp_path, keys={"documents": text}), "documents")
