"""The technician's page: what it shows, and to whom it does not answer."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from html import escape

import pytest

from counter_hooks.agent import technician
from counter_hooks.agent.doctor import Finding
from counter_hooks.agent.selftest import SelfTest
from counter_hooks.agent.technician import Status, TechnicianPage
from counter_hooks.agent.technician_texts import TEXTS
from deploy.virtual.processes import wait_until

STATUS = Status(
    counter="counter-1",
    bridge="https://oac.example.org",
    version="1.0",
    is_online=False,
    devices=[{"id": "x:1", "name": "<b>Scanner</b>", "attention": "paper_jam"}],
    open_jobs=3,
    pages=17,
    looked_at="2026-11-25 07:00",
    findings=[{"subject": "disk", "is_well": False, "told": "make room"}],
)
MORNING = datetime(2026, 11, 25, 7, 30)  # noqa: DTZ001 - what the wall says


@pytest.fixture
def page() -> Iterator[TechnicianPage]:
    """Show a page at a free port."""
    made = TechnicianPage(0, lambda: STATUS)
    made.start()
    yield made
    made.stop()


def ask(
    page: TechnicianPage, path: str = "/", method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, str]:
    """Ask for a page; return the answer and its text."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


@pytest.mark.parametrize("language", ["ca", "es", "en"])
def test_it_says_how_the_counter_stands(page: TechnicianPage, language: str) -> None:
    """Connection, devices, what waits and what the self-test found, in the reader's language, and escaped."""
    answer, text = ask(page, Accept_Language=f"{language}-XX,fr")
    assert answer.status == 200
    for key in ("title", "away", "devices", "self-test", "pages"):
        assert escape(TEXTS[key].plain()[language]) in text
    assert "17" in text
    assert "make room" in text
    assert "&lt;b&gt;Scanner&lt;/b&gt;" in text
    assert "<b>" not in text
    assert f'lang="{language}"' in text


def test_nothing_of_it_may_be_run_framed_or_kept(page: TechnicianPage) -> None:
    """No script is allowed, nobody may frame it, and no answer is kept."""
    for path in ("/", "/style.css", "/status.json", "/nothing"):
        answer, _ = ask(page, path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"


def test_programs_read_it_too(page: TechnicianPage) -> None:
    """The same facts come as JSON."""
    _, text = ask(page, "/status.json")
    assert json.loads(text)["open_jobs"] == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "oac.attacker.example"},
        {"Host": "127.0.0.1"},
        {"Host": ""},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_somebody_elses_name_or_page_is_not_answered(
    page: TechnicianPage, headers: dict[str, str]
) -> None:
    """Neither a name that leads here by another's DNS nor another site's page reads anything."""
    answer, text = ask(page, "/status.json", **headers)
    assert answer.status == 421
    assert "counter-1" not in text


def test_whoever_says_nothing_holds_up_nobody(
    page: TechnicianPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a question, never ended, keeps neither the next one nor the end of the page waiting."""
    monkeypatch.setattr(technician._Handler, "timeout", 300)  # noqa: SLF001 - longer than any test
    with socket.create_connection(("127.0.0.1", page.port), timeout=30) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\n")
        assert ask(page)[0].status == 200
        page.stop()


def test_many_connections_cost_so_many_threads(
    page: TechnicianPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes beyond them is hung up on; when somebody leaves, the page answers again."""
    monkeypatch.setattr(technician._Handler, "timeout", 300)  # noqa: SLF001 - longer than any test
    wait_until(lambda: handlers() == 0, "those of other tests have gone", seconds=60)
    with ExitStack() as opened:
        lines = [
            opened.enter_context(socket.create_connection(("127.0.0.1", page.port), timeout=60))
            for _ in range(technician.MOST_AT_ONCE + 5)
        ]
        for line in lines[technician.MOST_AT_ONCE :]:
            assert line.recv(1) == b""
        assert handlers() == technician.MOST_AT_ONCE
        lines[0].close()
        # A thread notices a little later that its connection has gone.
        wait_until(lambda: is_answered(page), "the page answers", seconds=60)


def handlers() -> int:
    """Return how many threads answer connections."""
    return sum("process_request" in thread.name for thread in threading.enumerate())


def is_answered(page: TechnicianPage) -> bool:
    """Say whether the page has a place for one more."""
    try:
        return ask(page)[0].status == 200
    except (http.client.HTTPException, OSError):
        return False


def test_an_address_that_makes_no_sense_is_no_page(page: TechnicianPage) -> None:
    """What no parser takes is answered like any other page that is not there."""
    assert ask(page, "//[")[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(page: TechnicianPage, method: str) -> None:
    """There is nothing to press."""
    answer, _ = ask(page, "/", method)
    assert answer.status == 501


def test_the_self_test_is_made_at_the_start_and_every_morning() -> None:
    """At once, on the next day from seven o'clock on, and again only while something is wrong."""
    looks: list[str] = []
    told: list[list[str]] = []

    def examine() -> list[Finding]:
        looks.append("look")
        is_well = len(looks) != 2
        plugin = Finding(subject="plugin x", is_well=False, told="left out")
        return [Finding(subject="disk", is_well=is_well, told="room"), plugin]

    test = SelfTest(examine, on_change=lambda: told.append(test.troubles()))
    first, second = MORNING.replace(hour=23), MORNING.replace(day=26)
    test.look_if_due(first)
    wait_until(lambda: test.looked_at == first, "it looked", seconds=30)
    test.look_if_due(first.replace(minute=59))
    test.look_if_due(second.replace(hour=6))
    test.look_if_due(second)
    wait_until(lambda: test.looked_at == second, "it looked again", seconds=30)
    wait_until(lambda: told == [["disk"]], "the bridge is told", seconds=30)
    test.look_if_due(second.replace(minute=39))
    assert len(looks) == 2
    test.look_if_due(second.replace(minute=40))
    wait_until(lambda: told == [["disk"], []], "that it is mended is told", seconds=30)
    test.look_if_due(second.replace(hour=12))
    assert len(looks) == 3
    assert [one.subject for one in test.findings] == ["disk", "plugin x"]


def test_a_clock_that_jumps_stops_no_self_test() -> None:
    """Set years ahead or back, the computer is tested on the day that it believes in."""
    looked: list[int] = []

    def examine() -> list[Finding]:
        looked.append(len(looked))
        return []

    test = SelfTest(examine, on_change=lambda: None)
    days = [MORNING.replace(year=year) for year in (2026, 2070, 1970, 2026)]
    for day in days:
        test.look_if_due(day)
        wait_until(partial(has_looked, test, day), "it looked", seconds=60)
    assert len(looked) == len(days)


def has_looked(test: SelfTest, day: datetime) -> bool:
    """Say whether the last self-test is that of a day."""
    return test.looked_at == day


def test_a_self_test_that_breaks_says_so() -> None:
    """Whatever an examination raises, the agent goes on and the trouble has a name."""

    def examine() -> list[Finding]:
        raise RuntimeError

    told: list[str] = []
    test = SelfTest(examine, on_change=lambda: told.append("changed"))
    test.look_if_due(MORNING)
    wait_until(lambda: told == ["changed"], "it is told", seconds=30)
    assert test.troubles() == ["self-test"]
