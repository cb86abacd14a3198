"""What the command ``oac-jitsi doctor`` is told, and when that is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from jitsi_oac_plugin.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Please say meeting.domain"),
        (("--domain", "https://meet.example"), "meeting.domain is a host name"),
        (("--domain", "meet.example:99999"), "meeting.domain is a host name"),
        (
            ("--domain", "meet.example", "--bridge", "oac.example"),
            "The bridge's address has the form",
        ),
        (("--domain", "meet.example", "--ca", __file__), "holds no certificate in PEM"),
        (("--domain", "meet.example", "--ca", "/nowhere"), "does not exist"),
        (("--domain", "meet.example", "--limit", "0"), "not in the range"),
        (("--domain", "meet.example", "--secret-file", __file__), "Please say meeting.app_id"),
    ],
)
def test_not_told_enough(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 2, one sentence, nothing asked of anybody."""
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    result = CliRunner().invoke(main, ["doctor", "--config", str(empty), *arguments])
    assert result.exit_code == 2, result.output
    assert words in result.output


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    """The file and its mistake are named."""
    file = tmp_path / "bridge.toml"
    file.write_text("[meeting")
    result = CliRunner().invoke(main, ["--config", str(file), "doctor"])
    assert result.exit_code == 2
    assert f"{file} cannot be read" in result.output
