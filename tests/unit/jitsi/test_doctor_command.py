"""What the command ``oac-jitsi doctor`` is told, and when that is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from jitsi_oac_plugin.cli import main
from jitsi_oac_plugin.doctor import Finding, Outcome, Target


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


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    """The file is named once, and why in words."""
    file = tmp_path / "nowhere.toml"
    result = CliRunner().invoke(main, ["--config", str(file), "doctor"])
    assert result.exit_code == 2
    assert result.output == f"oac-jitsi: {file} cannot be read: No such file or directory.\n"


def test_what_was_not_looked_at_for_one_reason_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is well or to be mended has a line of its own; the counts are those of the checks."""
    made = [
        ("address", Outcome.MEND, "It leads nowhere."),
        ("TLS", Outcome.UNCHECKED, "see 'address'."),
        ("clocks", Outcome.MEND, "It leads nowhere."),
        ("module", Outcome.UNCHECKED, "give a secret."),
        ("hosts", Outcome.UNCHECKED, "see 'address'."),
    ]
    findings = [Finding(check=check, outcome=end, told=told) for check, end, told in made]

    async def examined(_target: Target) -> list[Finding]:
        return findings

    monkeypatch.setattr("jitsi_oac_plugin.doctor.examine", examined)
    result = CliRunner().invoke(main, ["doctor", "--domain", "meet.example"])
    assert result.output.splitlines() == [
        "mend       address: It leads nowhere.",
        "unchecked  TLS, hosts: see 'address'.",
        "mend       clocks: It leads nowhere.",
        "unchecked  module: give a secret.",
        "meet.example: 0 ok, 2 mend, 3 unchecked",
    ]
