"""The meeting's pages, broken in turn."""

from __future__ import annotations

import pytest

from tests.integration.doctor.conftest import Open
from tests.integration.doctor.web import PAGE

pytestmark = pytest.mark.prosody

API = "libs/external_api.min.js"
PLUGIN = "oac/oac-meeting.js"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({API: None}, "answers 404: serve it"),
        ({API: b"<!DOCTYPE html><html></html>"}, "is a web page instead of a script"),
        ({API: b"var nothing = 1;"}, "is a script, but not Jitsi's IFrame API"),
        ({API: bytes(9_000_000)}, "answers more than 8 MB"),
        ({API: b"JitsiMeetExternalAPI = '\xff'"}, "is not UTF-8 (byte 24)"),
    ],
)
def test_external_api(host: Open, files: dict[str, bytes | None], words: str) -> None:
    """A script that is missing, a page, another one, endless or broken is told as that."""
    said = host(files=files).one("external_api.js")
    assert said.startswith("mend")
    assert words in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ssi": "off"}, "switch ssi on"),
        ({"page": "<html><body>It works!</body></html>"}, "a page without scripts"),
        ({"files": {"index.html": None}}, "instead of 200"),
    ],
)
def test_the_page_itself(host: Open, changes: dict[str, object], words: str) -> None:
    """A page that is not Jitsi's, or that the web server left unfinished, is told."""
    said = host(**changes).one("meeting page")
    assert said.startswith("mend")
    assert words in said


@pytest.mark.parametrize(
    ("framing", "words"),
    [
        ("", "Any page may frame the meeting and command it"),
        ("add_header Content-Security-Policy 'frame-ancestors *' always;", "Any page may frame"),
        ("add_header X-Frame-Options DENY always;", "X-Frame-Options keeps the desk"),
        (
            "add_header Content-Security-Policy \"default-src 'self'; frame-ancestors 'self' "
            'https://other.test" always;',
            "The bridge may not frame the meeting: send frame-ancestors 'self' http://127.0.0.1:",
        ),
    ],
)
def test_who_may_frame_it(host: Open, framing: str, words: str) -> None:
    """The meeting may be framed by the bridge, and by nobody else."""
    said = host(framing=framing).one("frame-ancestors")
    assert said.startswith(f"mend {words}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"files": {PLUGIN: None}},
            "oac-meeting.js answers 404: serve it (run 'oac-jitsi install'",
        ),
        ({"files": {"oac/lib/page.js": None}}, "/oac/lib/page.js answers 404"),
        ({"scripts": "text/plain"}, "is served as text/plain, which browsers do not run"),
    ],
)
def test_the_plugins_files(host: Open, changes: dict[str, object], words: str) -> None:
    """The plugin and each module that it imports have to be there, as scripts."""
    said = host(**changes).one("plugin files")
    assert said.startswith("mend")
    assert words in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "/oac/settings.json answers 404"),
        (b"{", "/oac/settings.json has to be"),
        (b"[" * 100_000, "/oac/settings.json has to be"),
        (b'{"bridge": "https://other.test"}', "names the bridge https://other.test: it has to be"),
    ],
)
def test_the_plugins_settings(host: Open, content: bytes | None, words: str) -> None:
    """The plugin has to be told our bridge."""
    said = host(files={"oac/settings.json": content}).one("plugin settings")
    assert said.startswith("mend")
    assert words in said


def test_a_page_without_the_plugin(host: Open) -> None:
    """What plugin.head.html has to answer is said."""
    said = host(plugin="").one("plugin included")
    assert said.startswith(
        "mend Jitsi's page does not load the plugin: let plugin.head.html answer"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cors": ""}, "Browsers may not read the branding"),
        ({"branding": "404 ''"}, "which answers 404"),
        ({"branding": "200 '<html>'"}, "is no JSON object"),
    ],
)
def test_the_branding(host: Open, changes: dict[str, object], words: str) -> None:
    """Branding that a browser cannot take would take the logo away."""
    said = host(**changes).one("branding")
    assert said.startswith("mend")
    assert words in said


def test_the_panel_of_another_meeting_server(host: Open) -> None:
    """A bridge that lets another server frame its panel is told which setting to change."""
    said = host(panel="'self' https://other.test").one("panel")
    assert said.startswith(
        "mend The bridge's panel may not be shown in the meeting: set meeting.domain"
    )


@pytest.mark.parametrize(
    ("ready", "words"),
    [
        (
            """200 '{"meeting": {"provider": "jitsi", "reason": "events-missing"}}'""",
            "mend To the bridge the meeting server is events-missing: the server's oac_events_url",
        ),
        (
            """200 '{"meeting": {"provider": "direct", "reason": null}}'""",
            "mend The bridge's meetings are direct: set meeting.provider to jitsi",
        ),
        ("200 '{\"meeting\": 3}'", "unchecked http://127.0.0.1:"),
        ("502 ''", "unchecked http://127.0.0.1:"),
    ],
)
def test_how_the_bridge_sees_it(host: Open, ready: str, words: str) -> None:
    """What the bridge knows of the meeting server is told with the setting to look at."""
    assert host(ready=ready).one("bridge's view").startswith(words)


def test_scripts_of_others_in_the_page(host: Open) -> None:
    """A script, a font or a picture from elsewhere is a third party."""
    more = '<link rel="preconnect" href="https://fonts.example.net"></head>'
    said = host(page=PAGE.replace("</head>", more)).one("third parties")
    assert said.startswith("mend The page contacts others: fonts.example.net (the page).")


def test_prosodys_own_addresses_passed_on(host: Open) -> None:
    """Whoever passes on more than meetings need is told what."""
    more = (
        "location = /room-size { default_type application/json; return 200 '{}'; }\n"
        "location = /oac/status { proxy_pass http://127.0.0.1:@PROSODY@; }"
    )
    said = host(more=more).one("Prosody's HTTP")
    assert said.startswith(
        "mend Prosody's own HTTP is passed on to everybody: /room-size (200), /oac/status (401)."
    )


def test_prosodys_port_open_to_the_world(host: Open) -> None:
    """An open port of Prosody's own is named; from the machine itself it cannot be told."""
    meeting = host()
    port = int(meeting.target.control_url.rpartition(":")[2].partition("/")[0])
    said = meeting.one("Prosody's ports", prosody_ports=(port,))
    assert said.startswith(f"mend Prosody's port {port} answers from outside")
    assert meeting.one("Prosody's ports", is_outside=None).startswith("unchecked 127.0.0.1 is this")
