"""Signalling, tokens, roles, module, events and clocks, broken in turn."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jitsi_oac_plugin import Issuer
from jitsi_oac_plugin.doctor import Outcome
from jitsi_oac_plugin.doctor.check_xmpp import BAD
from tests.integration.doctor.conftest import Open, Parts, prosody
from tests.integration.doctor.web import CONFIG
from tests.integration.prosody.server import APP_ID, APP_SECRET, DOMAIN, MeetingServer, free_port

pytestmark = pytest.mark.prosody


@pytest.mark.parametrize(
    ("websocket", "words"),
    [
        ("location = /xmpp-websocket { return 404; }", "/xmpp-websocket answers 404"),
        ("location = /xmpp-websocket { return 200 'ok'; }", "/xmpp-websocket answers 200"),
        ("location = /xmpp-websocket { proxy_pass http://127.0.0.1:1; }", "answers 502"),
    ],
)
def test_a_websocket_that_is_not_passed_on(host: Open, websocket: str, words: str) -> None:
    """Where the WebSocket does not open, what to pass on is said, and the rest follows from it."""
    meeting = host(websocket=websocket)
    said = meeting.one("XMPP over WebSocket")
    assert said.startswith("mend")
    assert words in said
    assert meeting.one("TURN by UDP").startswith("unchecked nobody could sign in")


@pytest.mark.parametrize(
    ("bosh", "words"),
    [
        ("", "/http-bind gives 405"),
        ("location = /http-bind { return 200 '<html></html>'; }", "/http-bind gives 200"),
        ("location = /http-bind { proxy_pass http://127.0.0.1:1; }", "/http-bind gives 502"),
    ],
)
def test_bosh_that_is_not_passed_on(host: Open, bosh: str, words: str) -> None:
    """Whoever's network lets no WebSocket through would stay outside; the others come in."""
    found = {one.check: one for one in host(bosh=bosh).told()}
    assert found["XMPP over BOSH"].outcome is Outcome.MEND
    assert words in found["XMPP over BOSH"].told
    assert found["good token"].outcome is Outcome.OK


def test_a_domain_that_prosody_does_not_have(host: Open) -> None:
    """Settings that name another host than Prosody's are told."""
    config = CONFIG.replace("domain: 'meet.test'", "domain: 'other.test'")
    said = host(config=config).one("XMPP over WebSocket")
    assert said.startswith("mend Prosody does not know the host other.test")


def test_a_secret_that_differs(host: Open) -> None:
    """A good token that is refused is told with the settings that have to agree."""
    issuer = Issuer(domain=DOMAIN, app_id=APP_ID, secret=APP_SECRET[::-1])
    said = host().one("good token", issuer=issuer)
    assert said == (
        "mend A good token is refused (not-allowed: Not let in: token-unsigned): meeting.app_secret "
        "and the server's secret have to be the same."
    )


def test_nobody_to_sign_tokens(host: Open) -> None:
    """Without a secret only what needs none is tried."""
    found = {one.check: one.outcome for one in host().told(issuer=None)}
    assert found["missing token"] is found["empty token"] is Outcome.OK
    assert found["good token"] is found["forged token"] is Outcome.UNCHECKED


@pytest.mark.parametrize("name", [one.name for one in BAD])
def test_a_bad_token_let_in(host: Open, bare: MeetingServer, name: str) -> None:
    """A server that checks nothing is told for each kind of token."""
    said = host(bare).one(name)
    assert said.startswith(f"mend Somebody with a bad one ({name}) comes into a room: ")


def test_a_server_without_the_module(host: Open, bare: MeetingServer) -> None:
    """The missing module is seen by its control, and by behaviour where there is none."""
    meeting = host(bare)
    assert meeting.one("module").startswith("mend At http://127.0.0.1:")
    said = meeting.one("module", control_url="")
    assert said.startswith("mend The module mod_oac_counter is not loaded")
    assert host().one("module", control_url="").startswith("ok our rooms refuse a token")


def test_a_module_with_another_secret(host: Open) -> None:
    """The control's refusal is told with the setting."""
    said = host().one("module", control_secret="x" * 40)
    assert said.startswith("mend The Jitsi server refuses meeting.control_secret")


def test_a_module_of_another_series(host: Open, parts: Parts) -> None:
    """What the bridge would not understand is told with its version."""
    with prosody(parts, version="2.0") as server:
        said = host(server).one("module")
    assert said.startswith("mend mod_oac_counter is of version 2.0")


def test_a_clerk_who_does_not_moderate(host: Open, bare: MeetingServer) -> None:
    """A server that goes by nothing makes nobody moderator."""
    meeting = host(bare)
    assert meeting.one("good token").startswith("mend A clerk comes in and does not moderate")
    said = meeting.one("citizen first")
    assert said.startswith("mend A clerk who comes after the citizen does not moderate")


def test_a_server_that_makes_the_first_one_owner(host: Open, parts: Parts) -> None:
    """A citizen who comes first and moderates is told with jicofo's setting."""
    with prosody(parts, with_module=False, auto_owner=True) as server:
        said = host(server).one("citizen first", quiet_s=2.0)
    assert said.startswith("mend A citizen who comes first becomes a moderator: set jicofo.")


def test_nobody_opens_rooms(host: Open, parts: Parts) -> None:
    """Without jicofo the good token says so, and no bad token counts as refused."""
    with prosody(parts, has_focus=False) as server:
        meeting = host(server)
        assert meeting.one("good token").startswith("mend Jicofo does not answer")
        assert meeting.one("forged token").startswith("unchecked jicofo is not at focus.meet.test")


def test_events_that_the_bridge_does_not_take(host: Open, parts: Parts) -> None:
    """Events that wait at the server are told with the module's own reason."""
    url = f"http://127.0.0.1:{free_port()}/api/meeting/events"
    with prosody(parts, events_url=url) as server:
        said = host(server).one("events", limit_s=12.0)
    assert said.startswith("mend")
    assert "events wait at the meeting server" in said
    assert "meeting.events_secret are the same there" in said


def test_events_that_come_here_for_a_moment(host: Open, parts: Parts) -> None:
    """A receiver of the doctor's own sees the event, takes nothing, and tells when none comes."""
    port = free_port()
    with prosody(parts, events_url=f"http://127.0.0.1:{port}/") as server:
        meeting = host(server)
        here = f"127.0.0.1:{port}"
        assert meeting.one("events", receive_at=here).startswith("ok the event of somebody")
        said = meeting.one("events", receive_at=here, events_secret="y" * 40, limit_s=12.0)
        assert "not signed with this bridge's meeting.events_secret" in said
        with closing(server.control()) as control:
            assert control.status().spool > 0
        elsewhere = f"127.0.0.1:{free_port()}"
        said = meeting.one("events", receive_at=elsewhere, limit_s=12.0)
        assert said.startswith("mend No event of somebody who came in has arrived")


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "is 5 min behind this"), (-5, "is 5 min ahead of this")]
)
def test_a_clock_that_is_off(host: Open, minutes: int, words: str) -> None:
    """Five minutes in either direction are told, and which way."""

    def off() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=minutes)

    meeting = host()
    said = meeting.one("clocks", now=off)
    assert said.startswith("mend The meeting server's clock ")
    assert words in said
    if minutes > 0:
        assert "set both machines' clocks" in meeting.one("good token", now=off)


def test_tokens_for_another_application(host: Open) -> None:
    """An application id that differs is told."""
    meeting = host()
    assert meeting.target.issuer is not None
    said = meeting.one("good token", issuer=replace(meeting.target.issuer, app_id="other"))
    assert "meeting.app_id and Prosody's app_id have to be the same" in said
