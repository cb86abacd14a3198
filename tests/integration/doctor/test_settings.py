"""The served settings, broken one by one."""

from __future__ import annotations

import pytest

from jitsi_oac_plugin.doctor.check_config import KEYS
from jitsi_oac_plugin.server_texts import meet_lines
from tests.integration.doctor.conftest import Open
from tests.integration.doctor.web import CONFIG

pytestmark = pytest.mark.prosody

WRONG = {
    "prejoinConfig.enabled": "config.prejoinConfig = { enabled: true };",
    "disableThirdPartyRequests": "config.disableThirdPartyRequests = false;",
    "analytics.disabled": "config.analytics = { amplitudeAPPKey: 'x' };",
    "gravatar.disabled": "delete config.gravatar;",
    "welcomePage.disabled": "config.welcomePage.disabled = false;",
    "enableClosePage": "config.enableClosePage = true;",
    "doNotStoreRoom": "delete config['doNotStoreRoom'];",
    "disableIframeAPI": "config.disableIframeAPI = true;",
    "hosts.anonymousdomain": "config.hosts.anonymousdomain = 'guest.meet.test';",
    "tokenAuthUrl": "config.tokenAuthUrl = 'https://sso.test/?state={state}';",
    "customToolbarButtons": "config.customToolbarButtons = [{ id: 'x', text: 'Scan', icon: 'i' }];",
}


@pytest.mark.parametrize("path", [one.path for one in KEYS])
def test_a_key_that_is_wrong(host: Open, path: str) -> None:
    """Each key of the table is told with what it does, and the line that mends it does mend it."""
    (key,) = [one for one in KEYS if one.path == path]
    broken = f"{CONFIG}{meet_lines()}\n{WRONG[path]}\n"
    assert host(config=broken).one(path).startswith(f"mend config.{path} is ")
    assert host(config=f"{broken}{key.line}\n").one(path).startswith("ok")


@pytest.mark.parametrize(
    ("line", "check", "words"),
    [
        (
            "config.p2p.stunServers = [{ urls: 'stun:meet-jit-si-turnrelay.jitsi.net:443' }];",
            "STUN servers",
            "Browsers ask the STUN server of meet-jit-si-turnrelay.jitsi.net for their address",
        ),
        (
            "config.analytics.scriptURLs = ['https://stats.example.com/a.js'];",
            "third parties",
            "The page contacts others: stats.example.com (config.analytics.scriptURLs).",
        ),
        ("config.hosts.muc = '';", "hosts", "config.hosts.muc is "),
        (
            "config.websocket = 'ws://meet.test/x';",
            "websocket",
            "config.websocket is ws://meet.test/x",
        ),
        (
            "delete config.websocket;",
            "websocket",
            "config.websocket is not set: set config.websocket",
        ),
    ],
)
def test_settings_that_lead_elsewhere(host: Open, line: str, check: str, words: str) -> None:
    """Hosts of others, and rooms or signalling in no place, are told with the key."""
    said = host(config=f"{CONFIG}{meet_lines()}\n{line}\n").one(check)
    assert said.startswith(f"mend {words}")


def test_a_stun_server_that_is_the_towns(host: Open) -> None:
    """A host is the town's when it is below ours, or is named."""
    line = "config.p2p.stunServers = [{ urls: 'stun:stun.elsewhere.org:3478' }];"
    meeting = host(config=f"{CONFIG}{meet_lines()}\n{line}\n")
    assert meeting.one("STUN servers").startswith("mend")
    assert meeting.one("STUN servers", ours=("elsewhere.org",)) == "ok stun.elsewhere.org"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "Neither the page nor /config.js has settings"),
        ("var config = 3;", "The settings cannot be read, there is no object called config in it"),
        (f"var config = {'[' * 500};", "The settings cannot be read, it is nested too deeply"),
    ],
)
def test_settings_that_cannot_be_read(host: Open, config: str, words: str) -> None:
    """No settings are one thing to mend; the keys are then not looked at."""
    meeting = host(config=config)
    assert meeting.one("settings").startswith(f"mend {words}")
    assert meeting.one("doNotStoreRoom") == (
        "unchecked the settings cannot be read; see 'settings'."
    )


def test_settings_that_are_not_utf8(host: Open) -> None:
    """A file in another encoding is told with the byte."""
    said = host(config=CONFIG + "// Val\udce8ncia\n").one("meeting page")
    assert said.startswith("mend")
    assert "is not UTF-8 (byte " in said
