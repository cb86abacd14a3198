"""People in a meeting, as Jitsi's page is one: XMPP, with a token in the address."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from tests.integration.prosody.lines import PATIENCE_S, Line, Stanza, WebSocketLine
from tests.integration.prosody.server import DOMAIN, FOCUS_PASSWORD, ROOMS

SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
MUC = "http://jabber.org/protocol/muc"
ADMIN = f"{MUC}#admin"
CLIENT = "{jabber:client}"
NUMBERS = itertools.count(1)


class NotConnected(Exception):
    """The server does not let this person sign in."""


class Person:
    """One connection. What it hears is kept, so that nothing is missed between two questions."""

    def __init__(
        self,
        port: int,
        token: str | None = None,
        *,
        account: str | None = None,
        room: str = "any",
        line: Callable[[int, str], Line] = WebSocketLine,
    ) -> None:
        query = f"?room={room}" if token is None else f"?room={room}&token={quote(token)}"
        self._line = line(port, query)
        self.heard: list[Stanza] = []
        self._domain = f"auth.{DOMAIN}" if account == "focus" else DOMAIN
        self._open()
        mechanism, text = ("PLAIN", _plain(account)) if account else ("ANONYMOUS", "")
        self._say(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{text}</auth>")
        answer = self._until(lambda one: one.tag in (f"{{{SASL}}}success", f"{{{SASL}}}failure"))
        if answer.tag.endswith("failure"):
            self.close()
            raise NotConnected(answer[0].tag)
        self._open()
        bound = self.ask(
            "set", "", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", to_server=True
        )
        self.jid = bound.findtext(".//{urn:ietf:params:xml:ns:xmpp-bind}jid", "")

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Go."""
        self.close()

    def close(self) -> None:
        """Close the page."""
        self._line.close()

    def vanish(self) -> None:
        """Lose the line without a word."""
        self._line.cut()

    def join(self, room: str, nick: str) -> str | None:
        """Try to enter; return None, or what the refusal says."""
        place = f"{room}@{ROOMS}/{nick}"
        self._say(
            f"<presence xmlns='jabber:client' to={quoteattr(place)}><x xmlns='{MUC}'/></presence>"
        )
        # The own presence comes last of those that are there (XEP-0045, 7.2.2).
        answer = self._until(
            lambda one: (
                one.tag == f"{CLIENT}presence"
                and one.get("from") in (place, f"{room}@{ROOMS}")
                and (
                    one.get("type") == "error"
                    or (one.get("type") is None and _has_status(one, "110"))
                )
            )
        )
        if answer.get("type") != "error":
            return None
        error = answer.find(f"{CLIENT}error")
        assert error is not None
        condition = next(one.tag for one in error if one.tag != f"{STANZAS}text")
        return f"{condition.removeprefix(STANZAS)}: {error.findtext(f'{STANZAS}text', '')}"

    def leave(self, room: str, nick: str) -> None:
        """Leave, and see that one is out."""
        place = f"{room}@{ROOMS}/{nick}"
        self._say(f"<presence xmlns='jabber:client' to={quoteattr(place)} type='unavailable'/>")
        self._until(lambda one: one.get("from") == place and one.get("type") == "unavailable")

    def rename(self, room: str, nick: str) -> Stanza:
        """Try to take another name; return what came of it."""
        place = f"{room}@{ROOMS}/{nick}"
        self._say(f"<presence xmlns='jabber:client' to={quoteattr(place)}/>")
        return self._until(
            lambda one: one.tag == f"{CLIENT}presence" and one.get("from") in (place, place[:-1])
        )

    def give(self, room: str, **item: str) -> str | None:
        """Ask the room to change a role or an affiliation; return None, or the condition."""
        attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in item.items())
        query = f"<query xmlns='{ADMIN}'><item {attributes}/></query>"
        answer = self.ask("set", f"{room}@{ROOMS}", query)
        error = answer.find(f"{CLIENT}error")
        if error is None:
            return None
        return next(one.tag for one in error).removeprefix(STANZAS)

    def role_of(self, room: str, nick: str) -> str:
        """Return the last role that was heard of somebody."""
        self.settle()
        place = f"{room}@{ROOMS}/{nick}"
        roles = [
            item.get("role", "")
            for one in self.heard
            if one.get("from") == place
            for item in one.iter(f"{{{MUC}#user}}item")
        ]
        return roles[-1]

    def settle(self) -> None:
        """Hear everything that the server said up to now."""
        self.ask("get", "", "<ping xmlns='urn:xmpp:ping'/>")

    def ask(self, kind: str, to: str, content: str, *, to_server: bool = False) -> Stanza:
        """Send a question and return its answer."""
        number = f"q{next(NUMBERS)}"
        address = "" if to_server else f"to={quoteattr(to or self._domain)}"
        self._say(f"<iq xmlns='jabber:client' type='{kind}' id='{number}' {address}>{content}</iq>")
        return self._until(lambda one: one.get("id") == number)

    def waits_for(self, condition: Callable[[Stanza], bool]) -> Stanza:
        """Return the first stanza that fits, heard before or not."""
        for one in self.heard:
            if condition(one):
                return one
        return self._until(condition)

    def message(self) -> str:
        """Return the next JSON message that the server sends to pages."""
        name = ".//{http://jitsi.org/jitmeet}json-message"
        return self.waits_for(lambda one: one.find(name) is not None).findtext(name, "")

    def say_json(self, room: str, nick: str, text: str) -> None:
        """Send a JSON message to somebody, as the server does."""
        content = f"<json-message xmlns='http://jitsi.org/jitmeet'>{text}</json-message>"
        place = quoteattr(f"{room}@{ROOMS}/{nick}")
        self._say(f"<message xmlns='jabber:client' type='chat' to={place}>{content}</message>")

    def _open(self) -> None:
        self._line.open(self._domain)
        self._until(lambda one: one.tag.endswith("}features"))

    def _say(self, text: str) -> None:
        self._line.send(text)

    def _until(self, condition: Callable[[Stanza], bool]) -> Stanza:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            one = self._line.next()
            if one is None:
                break
            self.heard.append(one)
            if condition(one):
                return one
        heard = [ElementTree.tostring(one).decode() for one in self.heard[-5:]]
        raise AssertionError(f"it did not come; the last that came: {heard}")


def focus(port: int) -> Person:
    """Return the server's own helper, as jicofo is one."""
    return Person(port, account="focus")


def _plain(account: str) -> str:
    return base64.b64encode(f"\0{account}\0{FOCUS_PASSWORD}".encode()).decode()


def _has_status(one: Stanza, code: str) -> bool:
    return any(status.get("code") == code for status in one.iter(f"{{{MUC}#user}}status"))
