"""The command ``oac-jitsi`` makes tokens and says what a server needs."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
from click.testing import CliRunner

from jitsi_oac_plugin.cli import main

SECRET = "s" * 40


def _config(folder: Path) -> Path:
    file = folder / "bridge.toml"
    file.write_text(
        f'[meeting]\ndomain = "meet.example"\napp_id = "oac"\napp_secret = "{SECRET}"\n'
    )
    return file


def test_a_token_is_made_from_the_configuration(tmp_path: Path) -> None:
    """Room, expiry and an address that opens it come as JSON."""
    file = str(_config(tmp_path))
    result = CliRunner().invoke(main, ["--config", file, "token", "--json", "--role", "citizen"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.output)
    claims = jwt.decode(facts["token"], SECRET, algorithms=["HS256"], audience="jitsi")
    assert claims["room"] == facts["room"]
    assert claims["context"]["user"]["moderator"] is False
    assert facts["address"].startswith(f"https://meet.example/{facts['room']}#jwt=")


def test_the_environment_and_a_secret_file_come_first(tmp_path: Path) -> None:
    """Variables and options win over the configuration."""
    secret = tmp_path / "secret"
    secret.write_text("t" * 40 + "\n")
    variables = {"OAC_MEETING_DOMAIN": "other.example", "OAC_MEETING_APP_ID": "id2"}
    arguments = ["--config", str(_config(tmp_path)), "token", "--secret-file", str(secret)]
    result = CliRunner().invoke(main, arguments, env=variables)
    claims = jwt.decode(result.output.strip(), "t" * 40, algorithms=["HS256"], audience="jitsi")
    assert (claims["sub"], claims["iss"]) == ("other.example", "id2")


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    """No server: exit code 2 and what to set."""
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    result = CliRunner().invoke(main, ["token", "--config", str(empty)])
    assert result.exit_code == 2
    assert "meeting.domain" in result.output


def test_the_servers_lines_have_no_secret(tmp_path: Path) -> None:
    """What a server needs is printed with its names and without the secret."""
    file = str(_config(tmp_path))
    result = CliRunner().invoke(
        main, ["config", "--config", file, "--bridge", "https://oac.example"]
    )
    assert result.exit_code == 0, result.output
    assert 'VirtualHost "meet.example"' in result.output
    assert SECRET not in result.output
