"""What is told to a room reaches everybody who stays in it."""

from __future__ import annotations

from typing import Any

import pytest
from engineio.exceptions import SocketIsClosedError

from bridge.core.push import room
from tests.makers import House


@pytest.mark.parametrize("error", [SocketIsClosedError, KeyError])
def test_who_leaves_at_this_moment_takes_no_news_along(
    house: House, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """The library raises at a connection that ends while it sends; the others are told all the same."""
    person = house.person()
    page = house.page(house.desk(person))
    page.get_received()
    server: Any = house.app.socketio.server  # type: ignore[attr-defined]  # the stubs forget it
    sends, leaving = server._send_eio_packet, iter([True])  # noqa: SLF001 - where it raises

    def send(*given: Any) -> None:
        if next(leaving, False):
            raise error
        sends(*given)

    monkeypatch.setattr(server, "_send_eio_packet", send)
    house.app.push.to_pages([room("clerk", person.id)], "state:changed", {"because": "x"})
    assert [one["name"] for one in page.get_received()] == ["state:changed"]
