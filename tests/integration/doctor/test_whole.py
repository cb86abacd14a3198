"""A meeting host that is as it should be, and the command that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jitsi_oac_plugin.cli import main
from jitsi_oac_plugin.doctor import CHECKS, Outcome
from tests.integration.doctor.conftest import Host, Open, Parts, prosody
from tests.integration.prosody.server import (
    APP_ID,
    APP_SECRET,
    CONTROL_SECRET,
    EVENTS_SECRET,
)

pytestmark = pytest.mark.prosody

SECRETS = (APP_SECRET, CONTROL_SECRET, EVENTS_SECRET)


def _command(host: Host, folder: Path, *more: str) -> Result:
    """Run the command with the bridge's own configuration."""
    file = folder / "bridge.toml"
    file.write_text(
        f'public_url = "{host.web.bridge}"\n[meeting]\nprovider = "jitsi"\n'
        f'domain = "{host.web.host}"\napp_id = "{APP_ID}"\napp_secret = "{APP_SECRET}"\n'
        f'events_secret = "{EVENTS_SECRET}"\ncontrol_url = "{host.target.control_url}"\n'
        f'control_secret = "{CONTROL_SECRET}"\n'
    )
    arguments = ["--config", str(file), "doctor", "--address", "127.0.0.1", "--limit", "30", *more]
    return CliRunner().invoke(main, arguments)


def test_a_server_as_it_should_be_is_well(host: Open) -> None:
    """Every check of the table is made, and none finds anything to mend."""
    findings = host().told()
    assert [one for one in findings if one.outcome is not Outcome.OK] == []
    assert len(findings) == len(CHECKS)


def test_a_newer_prosody_is_well_too(host: Open, parts: Parts) -> None:
    """On Debian 13's Prosody everything that Prosody has a part in is as on Debian 12's."""
    with prosody(parts, program="prosody13") as server:
        findings = host(server).told()
    assert [one for one in findings if one.outcome is not Outcome.OK] == []


def test_the_command_says_what_it_saw(host: Open, parts: Parts, tmp_path: Path) -> None:
    """One line a check; TURN on the wrong port alone makes the exit code 1; no secret is shown."""
    result = _command(host(), tmp_path, "--ca", str(parts.authority.file))
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert [line for line in lines if line.startswith("mend")] == [
        "mend       TURN by TLS: No TURN by TLS on port 443 is offered, so clerks behind strict "
        'firewalls stay outside: add { type = "turns", transport = "tcp", port = 443, secret = true, '
        'algorithm = "turn" } to external_services in Prosody.'
    ]
    assert f"The authority in {parts.authority.file} is trusted" in lines[0]
    assert lines[-1].endswith(f"{len(CHECKS) - 2} ok, 1 mend, 1 unchecked")
    assert not any(secret in result.output for secret in SECRETS)


def test_without_checking_certificates_it_says_so(host: Open, tmp_path: Path) -> None:
    """A certificate that nothing vouches for can be overlooked, and that is not hidden."""
    result = _command(host(), tmp_path, "--insecure", "--json")
    findings = {one["check"]: one for one in json.loads(result.output)["findings"]}
    assert list(findings) == [one.name for one in CHECKS]
    assert findings["certificate chain"]["outcome"] == "unchecked"
    assert "--insecure" in findings["certificate chain"]["told"]
    assert findings["good token"]["outcome"] == "ok"
    assert not any(secret in result.output for secret in SECRETS)


def test_an_authority_that_nobody_knows_is_told(host: Open) -> None:
    """Without the town's authority the chain is to mend, and what it carries cannot be looked at."""
    found = {one.check: one for one in host().told(ca_file=None)}
    assert found["certificate chain"].outcome is Outcome.MEND
    assert "fullchain.pem" in found["certificate chain"].told
    assert "certificate is not trusted" in found["meeting page"].told
    assert found["external_api.js"].told == "no page is answered; see 'meeting page'."
