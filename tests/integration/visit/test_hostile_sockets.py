"""Whatever comes over Socket.IO: a clear no to whoever sent it, and nobody else is disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import socketio
from websocket import WebSocketException, create_connection

from counter_hooks.wire import NAMESPACE, WIRE
from deploy.stage.town import SignIn, Town
from tests.integration.visit.hostile import VALUES, nested, variants
from tests.integration.visit.house import complaints, log_length, other_token
from tests.integration.visit.people import Citizen, Clerk

pytestmark = [pytest.mark.sane, pytest.mark.cups]

PATIENCE_S = 60
DEVICE = {"id": "x:1", "driver": "x", "name": "X", "capabilities": ["scan"], "attention": None}

PAGE_MESSAGES: dict[str, dict[str, Any]] = {
    "meeting:joined": {"visit": "nobody's", "epoch": "e"},
    "meeting:left": {"visit": "nobody's", "epoch": "e"},
    "meeting:signal": {"visit": "nobody's", "data": {"description": {"type": "offer"}}},
    "say:typed": {"visit": "nobody's", "line": 1, "text": "t", "is_ended": False},
}
AGENT_MESSAGES: dict[str, dict[str, Any]] = {
    "hello": {"wire": WIRE, "version": "1", "devices": [DEVICE], "open_jobs": ["nobody's"]},
    "devices": {"devices": [DEVICE]},
    "job:state": {"job": "nobody's", "sequence": 1, "state": "running", "reason": "r", "facts": {}},
    "job:progress": {"job": "nobody's", "page": 1, "fraction": 0.5},
    "job:preview": {
        "job": "nobody's", "page": 1, "top": 0, "width": 10, "height": 10, "total_height": None,
        "since_first_line_ms": 1.0, "jpeg": b"\xff",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_else_is_disturbed(
    town: Town, citizen: Citizen, clerk: Clerk, visit: str
) -> Iterator[None]:
    """Before and after, both people of the visit are connected, and never were not in between."""
    begun, connections = log_length(town), (citizen.link.sid, clerk.link.sid)
    agents = town.records.capabilities()
    yield
    assert (citizen.link.sid, clerk.link.sid) == connections
    for person in (citizen, clerk):
        said = {"visit": visit, "line": 1, "text": "still here", "is_ended": True}
        assert person.says("say:typed", said) == {"ok": True}
    assert citizen.hears("say:typed", lambda said: said["side"] == "clerk")
    assert clerk.hears("say:typed", lambda said: said["side"] == "citizen")
    assert town.records.capabilities() >= agents
    assert complaints(town, begun) == []


def sends_all(
    link: socketio.Client, messages: dict[str, dict[str, Any]], namespace: str = "/"
) -> list[str]:
    """Send every value in place of, and in every field of, every message.

    Return what was not answered with an acknowledgement that says yes or no.
    """
    silent = []
    for name, shape in messages.items():
        for payload in (*VALUES, b"\x00", *variants(shape)):
            if payload is not None and "\ud800" in str(payload):
                continue  # no client can send it: the frame is UTF-8
            answer = link.call(name, payload, namespace=namespace, timeout=PATIENCE_S)
            is_sound = isinstance(answer, dict) and isinstance(answer.get("ok"), bool)
            if not is_sound or (not answer["ok"] and not answer.get("key")):
                silent.append(f"{name} {str(payload)[:80]}: {answer}")
    return silent


@pytest.mark.parametrize("page", ["kiosk", "staff"])
def test_pages_that_send_rubbish(
    town: Town, citizen: Citizen, sign_ins: dict[str, SignIn], page: str
) -> None:
    """A page with a good cookie gets an answer to everything, and stays connected."""
    person = citizen if page == "kiosk" else Clerk(town).signs_in(sign_ins["empar"])
    link = socketio.Client(http_session=person.web, reconnection=False)
    link.connect(town.url, auth={"page": page}, transports=["websocket"], wait_timeout=PATIENCE_S)
    assert sends_all(link, PAGE_MESSAGES) == []
    assert link.connected
    link.disconnect()
    if person is not citizen:
        person.goes()


def test_values_in_the_own_visit(citizen: Citizen, visit: str) -> None:
    """The same from somebody who is in the visit: refused or handed on, never a fall."""
    messages = {
        name: {**shape, "visit": visit}
        for name, shape in PAGE_MESSAGES.items()
        if name in ("meeting:signal", "say:typed")
    }
    assert sends_all(citizen.link, messages) == []
    deep = {"visit": visit, "data": {"description": nested(25)}}
    assert citizen.says("meeting:signal", deep)["ok"]
    large = {"visit": visit, "data": {"description": "x" * 70_000}}
    assert citizen.says("meeting:signal", large)["key"] == "too-large"
    assert citizen.says("say:typed", {**PAGE_MESSAGES["say:typed"], "visit": visit, "text": "x" * 501})["key"] == "too-large"  # fmt: skip


def test_an_agent_that_sends_rubbish(town: Town) -> None:
    """Another counter's agent is answered, and touches neither our devices nor our jobs."""
    link = socketio.Client(reconnection=False)
    link.connect(
        town.url,
        auth={"token": other_token(town), "wire": WIRE},
        namespaces=[NAMESPACE],
        transports=["websocket"],
        wait_timeout=PATIENCE_S,
    )
    assert sends_all(link, AGENT_MESSAGES, NAMESPACE) == []
    assert link.connected
    gone = {"wire": WIRE, "version": "1", "devices": [], "open_jobs": []}
    assert link.call("hello", gone, namespace=NAMESPACE, timeout=PATIENCE_S)["ok"]
    link.disconnect()


@pytest.mark.parametrize(
    "auth", [None, {}, [], "text", {"page": "kiosk"}, {"page": ["staff"]}, {"token": 5, "wire": {}}]
)
@pytest.mark.parametrize("namespace", ["/", NAMESPACE, "/nothing"])
def test_strangers_do_not_connect(town: Town, auth: object, namespace: str) -> None:
    """Without a cookie or token nobody gets in, whatever they call themselves."""
    link = socketio.Client(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        link.connect(
            town.url,
            auth=auth,
            namespaces=[namespace],
            transports=["websocket"],
            wait_timeout=PATIENCE_S,
        )
    link.eio.ws.shutdown()  # the client forgets a connection in which it was refused


FRAMES = (
    "4", "40", "41", "42", "42[]", "42[1]", '42["', '42["say:typed"', '420["meeting:left",{}]', "43[]",
    "44", "45", "451-", '451-["job:preview",{"_placeholder":true,"num":5}]', "459999999999-[]", "4/agent,", "2", "3",
    "5", "6", "9", "x", "\x00", "[" * 50_000, "42" + "[" * 50_000, "4" * 1_100_000, '42["connect"]', '42["disconnect"]',
)  # fmt: skip
"""What no Socket.IO client sends, and some that one does."""


@pytest.mark.parametrize("is_paired", [True, False])
def test_frames_of_rubbish(town: Town, citizen: Citizen, is_paired: bool) -> None:
    """Frames that break the protocol end the connection that they came over at most."""
    cookies = "; ".join(f"{name}={value}" for name, value in citizen.web.cookies.items())
    address = town.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    for frame in FRAMES:
        wire = create_connection(
            address, timeout=PATIENCE_S, cookie=cookies if is_paired else None, origin=town.url
        )
        try:
            wire.recv()
            if is_paired:
                wire.send('40{"page":"kiosk"}')
                wire.recv()
            wire.send(frame)
            wire.send_binary(b"\x00\xff" * 100)
            wire.send_close()
            while wire.recv():
                pass
        except (WebSocketException, OSError):
            pass
        finally:
            wire.shutdown()


@pytest.mark.parametrize(
    "query",
    ["", "EIO=3&transport=polling", "EIO=4", "EIO=x&transport=polling", "EIO=4&transport=nothing",
     "EIO=4&transport=polling&sid=nope", "EIO=4&transport=polling&sid=%00", "EIO=4&transport=websocket&sid=x"],
)  # fmt: skip
def test_polls_of_rubbish(town: Town, query: str) -> None:
    """Polling with wrong words is refused."""
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        address = f"{town.url}/socket.io/?{query}"
        answer = requests.request(method, address, data=b"\x00garbage", timeout=PATIENCE_S)
        assert answer.status_code < 500, (method, answer.text)
