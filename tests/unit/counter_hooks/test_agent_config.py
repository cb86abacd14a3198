"""The agent's configuration: one value, or all mistakes together."""

from __future__ import annotations

from pathlib import Path

import pytest

from counter_hooks.agent.config import load
from counter_hooks.agent.errors import NotPaired, SettingsUnsound
from counter_hooks.agent.pairing import Credentials, read, store


def test_file_and_environment_make_one_value(tmp_path: Path) -> None:
    """Variables override the file, the file overrides the defaults."""
    file = tmp_path / "agent.toml"
    file.write_text(
        'bridge_url = "https://bridge.example"\n[preview]\nwidth_px = 400\n[plugins.fake]\npages = 2'
    )
    settings = load(
        file,
        {
            "OAC_PREVIEW_WIDTH_PX": "500",
            "OAC_STATE_DIRECTORY": str(tmp_path),
            "OAC_PLUGINS": "fake, sane",
            "OAC_SOMETHING_OF_THE_BRIDGE": "x",
        },
    )
    assert settings.bridge_url == "https://bridge.example"
    assert settings.preview.width_px == 500
    assert settings.preview.interval_ms == 150
    assert settings.plugin_names == ("fake", "sane")
    assert settings.plugins == {"fake": {"pages": 2}}
    assert settings.token_path == tmp_path / "token.json"


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    """Unknown names, values out of range and unsafe addresses are in one message."""
    file = tmp_path / "agent.toml"
    file.write_text(
        'bridge_url = "http://10.0.0.1"\nbridge = 1\n[limits]\njob_s = -1\nnonsense = 2\n'
    )
    with pytest.raises(SettingsUnsound) as caught:
        load(file, {"OAC_PREVIEW_WIDTH_PX": "wide"})
    told = " ".join(caught.value.mistakes)
    for name in ("bridge_url", "bridge:", "limits.job_s", "limits.nonsense", "preview.width_px"):
        assert name in told


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"a = ", "is not TOML"), (b"\xff\xfe", "is not TOML"), (None, "no such file")],
)
def test_unreadable_file_is_a_mistake(tmp_path: Path, content: bytes | None, told: str) -> None:
    """A file that was named must be there and be TOML."""
    file = tmp_path / "agent.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsUnsound, match=told):
        load(file, {})


@pytest.mark.parametrize(
    ("url", "is_well"),
    [
        ("http://127.0.0.1:5000", True),
        ("https://bridge.example/oac", True),
        ("http://bridge.example", False),
        ("ftp://bridge.example", False),
        ("https://me:pw@bridge.example", False),
        ("bridge.example", False),
    ],
)
def test_address_must_be_safe(url: str, is_well: bool) -> None:
    """Scans travel by plain HTTP within the machine only."""
    if is_well:
        assert load(None, {"OAC_BRIDGE_URL": url}).bridge_url == url
    else:
        with pytest.raises(SettingsUnsound, match="bridge_url"):
            load(None, {"OAC_BRIDGE_URL": url})


def test_token_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The token file has mode 0600, and one that others may read is not used."""
    file = tmp_path / "state" / "token.json"
    credentials = Credentials(bridge_url="https://bridge.example/", counter="c1", token="t")
    store(file, credentials)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read(file) == credentials
    file.chmod(0o644)
    with pytest.raises(NotPaired, match="chmod 600"):
        read(file)


@pytest.mark.parametrize("content", ["", "[]", "{}", "no json"])
def test_unsound_token_file_asks_for_pairing(tmp_path: Path, content: str) -> None:
    """A missing or damaged token file says how to pair."""
    file = tmp_path / "token.json"
    with pytest.raises(NotPaired, match="oac-agent pair"):
        read(file)
    file.write_text(content)
    with pytest.raises(NotPaired, match="oac-agent pair"):
        read(file)
