"""Events arrive signed, in order and once, whatever happens to the bridge or the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from jitsi_oac_plugin import new_room
from tests.integration.prosody.conftest import own_server
from tests.integration.prosody.people import Person
from tests.integration.prosody.programs import Program
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import DOMAIN, MeetingServer
from tests.integration.prosody.tickets import Tickets

pytestmark = pytest.mark.prosody

JOINED = "occupant:joined n1 clerk-v1 moderator"
LEFT = "occupant:left n1 clerk-v1 moderator"


@pytest.fixture
def ear() -> Iterator[Receiver]:
    """Give a bridge's ear that is not there yet."""
    made = Receiver()
    yield made
    made.go()


def _visit(server: MeetingServer, tickets: Tickets) -> None:
    """Come and go."""
    with Person(server.port, tickets.token("clerk")) as clerk:
        assert clerk.join(tickets.room, "n1") is None
        clerk.leave(tickets.room, "n1")


def test_a_whole_visit_is_told_in_order(
    server: MeetingServer, receiver: Receiver, tickets: Tickets
) -> None:
    """Both come, one goes, the other loses the line; the room closes with the last."""
    with Person(server.port, tickets.token("citizen")) as citizen:
        assert citizen.join(tickets.room, "n1") is None
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n2") is None
            clerk.leave(tickets.room, "n2")
        citizen.vanish()
        receiver.hears(
            tickets.room,
            "room:opened",
            "occupant:joined n1 citizen-v1 participant",
            "occupant:joined n2 clerk-v1 moderator",
            "occupant:left n2 clerk-v1 moderator",
            "occupant:left n1 citizen-v1 participant",
            "room:closed",
        )
    events = receiver.of(tickets.room)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert (receiver.servers, receiver.refused, receiver.again) == ({DOMAIN}, [], 0)


def test_numbers_have_no_gap(server: MeetingServer, receiver: Receiver) -> None:
    """Over many rooms: every number once, in order."""
    for _ in range(20):
        _visit(server, Tickets())
    numbers = [event.number for event in receiver.events]
    assert numbers == list(range(1, len(numbers) + 1))


def test_nothing_is_lost_while_the_bridge_is_away(program: Program, ear: Receiver) -> None:
    """Sixty visits meanwhile; when it is back, it has all of them, in order and once."""
    with own_server(program, ear) as server:
        rooms = [new_room() for _ in range(60)]
        with Person(server.port) as one:
            one.settle()
        for room in rooms:
            _visit(server, Tickets(room))
        control = server.control()
        status = control.status()
        assert status.spool == 240
        assert status.last_error
        assert status.oldest_s is not None
        ear.come()
        for room in rooms:
            ear.hears(room, "room:opened", JOINED, LEFT, "room:closed")
        ear.waits_for(lambda: control.status().spool == 0, "nothing waits")
        assert control.status().last_error is None
        control.close()
    assert [event.number for event in ear.events] == list(range(1, 241))
    assert ear.again == 0


def test_a_lost_answer_costs_nothing(program: Program, ear: Receiver, tickets: Tickets) -> None:
    """The bridge took it and its answer was lost: sent again, known again."""
    ear.moods = ["lost", 500]
    ear.come()
    with own_server(program, ear) as server:
        _visit(server, tickets)
        ear.waits_for(lambda: not ear.moods, "all moods are over")
        ear.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")
        control = server.control()
        ear.waits_for(lambda: control.status().spool == 0, "nothing waits")
        control.close()
    assert ear.again > 0
    assert ear.refused == []


def test_what_can_never_be_understood_is_dropped_and_the_rest_goes_on(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """The log says which events; the next ones arrive."""
    ear.moods = [400]
    ear.come()
    with own_server(program, ear) as server:
        _visit(server, Tickets())
        ear.waits_for(lambda: not ear.moods, "the refusal")
        ear.waits_for(lambda: "they are dropped" in server.said(), "the log says so")
        _visit(server, tickets)
        ear.waits_for(lambda: "room:closed" in ear.told(tickets.room), "the next visit")
        dropped = re.search(r"cannot understand events 1 to (\d+):", server.said())
        assert dropped
        assert ear.events[0].number == int(dropped[1]) + 1


def test_a_wrong_secret_loses_nothing(program: Program, ear: Receiver, tickets: Tickets) -> None:
    """The bridge refuses until its secret is mended; then everything is there."""
    right, ear.secret = ear.secret, "another-secret-of-the-tests-00000"
    ear.come()
    with own_server(program, ear) as server:
        _visit(server, tickets)
        ear.waits_for(lambda: "signature-wrong" in ear.refused, "it refuses")
        control = server.control()
        ear.waits_for(lambda: control.status().last_error == "it answers 401", "the status says so")
        control.close()
        ear.secret = right
        ear.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")


def test_a_killed_server_loses_nothing_and_says_who_is_gone(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """Kill -9 with events on disk and people in rooms: afterwards the bridge knows all of it."""
    gone = Tickets()
    with own_server(program, ear) as server:
        _visit(server, tickets)
        with (
            Person(server.port, gone.token("clerk")) as clerk,
            Person(server.port, gone.token("citizen")) as citizen,
        ):
            assert clerk.join(gone.room, "n1") is None
            assert citizen.join(gone.room, "n2") is None
            server.kill()
        with server.spool.open("ab") as file:
            file.write(b"add\t99\toccupant:joi")
        server.start()
        ear.come()
        ear.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")
        ear.waits_for(lambda: len(ear.told(gone.room)) == 6, "the rest")
        told = ear.told(gone.room)
        assert told[:3] == ["room:opened", JOINED, "occupant:joined n2 citizen-v1 participant"]
        assert set(told[3:5]) == {
            f"{LEFT} (server-restarted)",
            "occupant:left n2 citizen-v1 participant (server-restarted)",
        }
        assert told[5] == "room:closed (server-restarted)"
        # Numbers and spool go on where they were.
        _visit(server, Tickets())
        ear.waits_for(lambda: len(ear.events) == 14, "the next visit")
        assert len(ear.boots) == 1
        assert [event.number for event in ear.events] == list(range(1, 15))


def test_a_stopped_server_says_who_is_gone(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """An upgrade in the middle of a visit: the bridge hears that both are out."""
    ear.come()
    with own_server(program, ear) as server:
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n1") is None
            server.stop()
        server.start()
        ear.waits_for(lambda: len(ear.told(tickets.room)) == 4, "all of it")
        told = [line.partition(" (")[0] for line in ear.told(tickets.room)]
        assert told == ["room:opened", JOINED, LEFT, "room:closed"]


RELOADER = """
local reload = require "core.modulemanager".reload
module:provides("http", { name = "reload", default_path = "/reload", route = {
    ["POST /"] = function() return tostring(reload("conference.meet.test", "oac_counter") ~= nil) end,
} })
"""


def test_a_reloaded_module_goes_on_where_it_was(
    program: Program, ear: Receiver, tickets: Tickets, tmp_path: Path
) -> None:
    """With people in rooms: nobody is told gone, nobody gains power, the rest works on."""
    ear.come()
    (tmp_path / "mod_oac_reloader.lua").write_text(RELOADER)
    everywhere = 'VirtualHost "reload.test"\n    modules_enabled = { "oac_reloader" }'
    with (
        own_server(program, ear, everywhere=everywhere, plugins=tmp_path) as server,
        ExitStack() as stack,
    ):
        clerk = stack.enter_context(Person(server.port, tickets.token("clerk")))
        citizen = stack.enter_context(Person(server.port, tickets.token("citizen")))
        assert clerk.join(tickets.room, "n1") is None
        assert citizen.join(tickets.room, "n2") is None
        control = server.control()
        for _ in range(2):
            answer = httpx.post(
                f"http://127.0.0.1:{server.port}/reload/",
                headers={"Host": "reload.test"},
                trust_env=False,
            )
            assert answer.text == "true"
        assert [one.nick for one in control.occupants(tickets.room) or ()] == ["n1", "n2"]
        bare = citizen.jid.partition("/")[0]
        assert clerk.give(tickets.room, jid=bare, affiliation="owner") == "not-allowed"
        citizen.leave(tickets.room, "n2")
        assert control.end_room(tickets.room)
        control.close()
        ear.hears(
            tickets.room,
            "room:opened",
            JOINED,
            "occupant:joined n2 citizen-v1 participant",
            "occupant:left n2 citizen-v1 participant",
            LEFT,
            "room:closed",
        )


def test_a_spool_that_was_lost_begins_anew(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """Removed or full of rubbish: another spool, whose numbers the bridge does not take for known."""
    ear.come()
    with own_server(program, ear) as server:
        _visit(server, tickets)
        ear.waits_for(lambda: len(ear.told(tickets.room)) == 4, "the first")
        for rubbish in (None, b"\0\xff\n" * 1000, b"boot\t\n"):
            server.stop()
            server.spool.unlink()
            if rubbish is not None:
                server.spool.write_bytes(rubbish)
            server.start()
            another = Tickets()
            _visit(server, another)
            ear.hears(another.room, "room:opened", JOINED, LEFT, "room:closed")
    assert len(ear.boots) == 4


def test_a_full_spool_drops_the_oldest_and_says_so(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """Nothing is dropped before the bound; what was dropped is a gap in the numbers and a line."""
    with own_server(program, ear, oac_spool_most="40") as server:
        for _ in range(10):
            _visit(server, Tickets())
        assert "are dropped" not in server.said()
        _visit(server, tickets)
        assert "Too many events wait for the bridge" in server.said()
        ear.come()
        ear.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")
        assert [event.number for event in ear.events] == list(range(5, 45))


def test_a_batch_that_is_too_large_is_posted_in_parts(
    program: Program, ear: Receiver, tickets: Tickets
) -> None:
    """Nothing of it is lost or told twice; one event that is too large by itself holds up no other."""
    with own_server(program, ear) as server:
        _visit(server, tickets)
        ear.moods = [413, 413]
        ear.come()
        ear.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")
        assert [event.number for event in ear.events] == [1, 2, 3, 4]
        control = server.control()
        ear.waits_for(lambda: control.status().spool == 0, "nothing waits")
        control.close()
        ear.go()
        ear.moods = [413, 413, 413]
        another = Tickets()
        _visit(server, another)
        ear.come()
        ear.hears(another.room, JOINED, LEFT, "room:closed")
    assert ear.again == 0


def test_hundreds_of_rooms_at_once(program: Program, receiver: Receiver) -> None:
    """Three hundred rooms open: all told, all listed, all ended."""
    rooms = [Tickets() for _ in range(300)]
    with own_server(program, receiver) as server, ExitStack() as people:
        for tickets in rooms:
            clerk = people.enter_context(Person(server.port, tickets.token("clerk")))
            assert clerk.join(tickets.room, "n1") is None
        control = server.control()
        assert control.status().rooms == 300
        for tickets in rooms:
            assert len(control.occupants(tickets.room) or ()) == 1
            assert control.end_room(tickets.room)
        for tickets in rooms:
            receiver.hears(tickets.room, "room:opened", JOINED, LEFT, "room:closed")
        assert control.status().rooms == 0
        control.close()
