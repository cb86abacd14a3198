"""A module that is not told all it needs says so in one line, and does not load."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.integration.prosody.conftest import own_server
from tests.integration.prosody.programs import Program
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import CONTROL_SECRET, Setting, options, running

pytestmark = pytest.mark.prosody

MISTAKES: dict[str, dict[str, str | None]] = {
    "oac_events_url is missing": {"oac_events_url": None},
    "oac_events_url is no http address": {"oac_events_url": '"ftp://bridge"'},
    "oac_events_secret is missing; oac_control_secret is missing": {
        "oac_events_secret": None,
        "oac_control_secret": '""',
    },
    "oac_app_id is missing": {"oac_app_id": None},
    "oac_control_secret is shorter than 32 bytes": {"oac_control_secret": '"short"'},
    "either oac_app_secret or oac_public_key_file has to be set": {"oac_app_secret": None},
    "oac_public_key_file is no PEM file": {
        "oac_app_secret": None,
        "oac_public_key_file": '"/etc/hostname"',
    },
    "Not loaded: the spool /nowhere/spool": {"oac_spool_file": '"/nowhere/spool"'},
}


@pytest.mark.parametrize("sentence", list(MISTAKES))
def test_what_is_missing_is_named(program: Program, receiver: Receiver, sentence: str) -> None:
    """The line is there, the server runs, and nothing of the module answers."""
    with own_server(program, receiver, **MISTAKES[sentence]) as server:
        (line,) = [line for line in server.said().splitlines() if "Not loaded: " in line]
        assert sentence in line
        answer = httpx.get(
            server.control_url + "/status",
            headers={"Authorization": f"Bearer {CONTROL_SECRET}"},
            trust_env=False,
        )
        assert answer.status_code == 404


def test_a_module_that_would_keep_the_citizen_waiting_is_named(
    program: Program, receiver: Receiver, tmp_path: Path
) -> None:
    """Jitsi's muc_allowners shows nobody to the others before they are moderator."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "mod_muc_allowners.lua").write_text("")
    setting = Setting(
        options=options(oac_events_url=f'"{receiver.url}"'),
        modules=("oac_counter", "muc_allowners"),
        plugins=tmp_path / "plugins",
    )
    with running(program, tmp_path / "server", setting) as server:
        receiver.waits_for(lambda: "muc_allowners is loaded" in server.said(), "it is named")
