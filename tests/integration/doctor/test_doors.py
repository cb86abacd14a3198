"""Address and TLS, broken in turn."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from jitsi_oac_plugin.doctor import Outcome
from tests.integration.doctor.certificates import DAY
from tests.integration.doctor.conftest import Open, Parts
from tests.integration.prosody.server import DOMAIN, free_port

pytestmark = pytest.mark.prosody


@pytest.fixture
def mute() -> Iterator[int]:
    """Give a port that takes connections and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        held: list[socket.socket] = []

        def hold() -> None:
            try:
                while True:
                    held.append(listening.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=hold)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in held:
            one.close()


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (-90 * DAY, -2 * DAY, "mend The certificate has expired on"),
        (-90 * DAY, 5 * DAY + timedelta(hours=1), "mend The certificate expires in 5 days"),
        (2 * DAY, 90 * DAY, "mend The certificate holds only from"),
    ],
)
def test_a_certificate_out_of_its_time(
    host: Open, parts: Parts, since: timedelta, until: timedelta, words: str
) -> None:
    """Expired, expiring soon and not valid yet are told apart."""
    certificate = parts.authority.issue(DOMAIN, since=since, until=until)
    assert host(certificate=certificate).one("certificate time").startswith(words)


def test_an_expired_certificate_is_said_once(host: Open, parts: Parts) -> None:
    """The chain of an expired certificate is not blamed."""
    certificate = parts.authority.issue(DOMAIN, since=-9 * DAY, until=-DAY)
    assert host(certificate=certificate).one("certificate chain") == (
        "unchecked the certificate is out of its time; see 'certificate time'."
    )


def test_a_certificate_for_another_name(host: Open, parts: Parts) -> None:
    """Both names are said."""
    certificate = parts.authority.issue("www.meet.test")
    assert host(certificate=certificate).one("certificate name") == (
        "mend The certificate is for www.meet.test, not for meet.test: ask for one with this name."
    )


def test_a_certificate_for_all_names_below(host: Open, parts: Parts) -> None:
    """A wildcard counts for one label."""
    certificate = parts.authority.issue("*.test")
    assert host(certificate=certificate).one("certificate name").startswith("ok")


def test_old_tls_is_refused(host: Open) -> None:
    """A server that speaks TLS 1.1 is to mend."""
    said = host(protocols="TLSv1.1 TLSv1.2 TLSv1.3").one("TLS")
    assert said.startswith("mend The server still speaks TLSv1.1, which RFC 8996 forbids")


def test_a_port_without_tls(host: Open) -> None:
    """Plain HTTP where TLS belongs is named."""
    assert host(tls="").one("TLS").startswith("mend TLS fails: it does not speak TLS")


def test_nobody_at_home(host: Open) -> None:
    """A dead host is one thing to mend; everything else could not be looked at."""
    findings = host().told(domain=f"{DOMAIN}:{free_port()}", bridge="")
    wrong = {one.check: one.told for one in findings if one.outcome is Outcome.MEND}
    assert set(wrong) == {"address"}
    assert "the connection is refused" in wrong["address"]
    assert not [one for one in findings if one.outcome is Outcome.OK and one.check != "module"]


def test_a_port_that_never_answers_ends_too(host: Open, mute: int) -> None:
    """Every check comes to its end, and says how long it waited."""
    findings = host().told(domain=f"{DOMAIN}:{mute}", bridge="", limit_s=4.0)
    found = {one.check: one for one in findings}
    assert found["address"].outcome is Outcome.OK
    assert found["TLS"].outcome is Outcome.MEND
    assert "speaks no TLS: there is no answer within 4 s" in found["TLS"].told
    wrong = [one.check for one in findings if one.outcome is Outcome.MEND]
    assert wrong == ["TLS", "meeting page"]
    assert found["good token"].told == "nobody could sign in; see 'XMPP over WebSocket'."


def test_a_name_that_is_not_known(host: Open) -> None:
    """A name without an address is told, and how to mend it."""
    said = host().one("address", domain="nowhere.invalid", address="")
    assert said.startswith(("mend The name nowhere.invalid is not known", "mend No name server"))
