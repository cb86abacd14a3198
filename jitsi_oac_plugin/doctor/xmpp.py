"""One person in the XMPP of a meeting server: sign in by token, join a room, see the roles.

RFC 7395 (XMPP over WebSocket), XEP-0045 (rooms), XEP-0215 (TURN credentials), and jicofo's own
request that opens a room.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import quoteattr

from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.doctor.websocket import WebSocket, opened

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
MUC = "http://jabber.org/protocol/muc"
FOCUS = "http://jitsi.org/protocol/focus"
SERVICES = "urn:xmpp:extdisco:2"
_SELF = "110"
# What servers say for an address that is not there: RFC 6120, 10.5, and Prosody's own.
_NOWHERE = re.compile(r"service-unavailable|remote-server|item-not-found|not-allowed: .*remote")


class FocusAway(NotChecked):
    """Nobody opens rooms."""


class Refused(Exception):
    """The server does not let this person in; the text is the server's own reason."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """Who is in the room, as presence tells it."""

    roles: dict[str, str] = field(default_factory=dict)
    own_nick: str = ""


class Person:
    """A signed-in stream."""

    def __init__(self, socket: WebSocket, *, domain: str, limit_s: float) -> None:
        self._socket = socket
        self._domain = domain
        self._limit_s = limit_s
        self._numbers = count(1)
        self.jid = ""
        self.seen = Seen()

    async def sign_in(self) -> None:
        """Sign in anonymously; the token came with the address. Raises ``Refused``."""
        await self._open()
        await self._send(f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>")
        answer = await self._until(
            lambda one: one.tag in (f"{{{SASL}}}success", f"{{{SASL}}}failure")
        )
        if answer.tag.endswith("failure"):
            raise Refused(_words(answer))
        await self._open()
        bound = await self._ask("set", "", f"<bind xmlns='{BIND}'/>")
        self.jid = bound.findtext(f".//{{{BIND}}}jid", "")

    async def _open(self) -> None:
        await self._send(f"<open xmlns='{FRAMING}' to={quoteattr(self._domain)} version='1.0'/>")
        answer = await self._until(lambda one: one.tag.endswith(("}features", "}error", "}close")))
        if not answer.tag.endswith("}features"):
            raise ToMend(
                f"Prosody does not know the host {self._domain} ({_words(answer) or 'closed'}): set "
                "config.hosts.domain to a VirtualHost of its configuration."
            )

    async def request_room(self, room: str, focus: str) -> None:
        """Have jicofo open the room, as every page does. Raises ``Refused``, ``FocusAway``."""
        request = f"<conference xmlns='{FOCUS}' room={quoteattr(room)} machine-uid='oac-doctor'/>"
        try:
            await self._ask("set", focus, request)
        except Refused as error:
            if _NOWHERE.match(str(error)):
                raise FocusAway(f"jicofo is not at {focus}; see 'good token'.") from error
            raise

    async def join(self, room: str) -> str:
        """Join and return one's own role. Raises ``Refused``."""
        # A nick is the start of the address: mod_muc_resource_validate wants it so.
        nick = self.jid.partition("@")[0][:8]
        await self._send(
            f"<presence to={quoteattr(f'{room}/{nick}')}><x xmlns='{MUC}'/></presence>"
        )
        await self._until(lambda one: self._is_verdict(one, room))
        return self.seen.roles[self.seen.own_nick]

    def _is_verdict(self, stanza: Element, room: str) -> bool:
        is_ours = stanza.get("from", "").partition("/")[0] == room
        if is_ours and stanza.get("type") == "error":
            raise Refused(_words(stanza))
        return bool(self.seen.own_nick)

    async def services(self) -> list[dict[str, str]]:
        """Return what XEP-0215 offers. Raises ``Refused``."""
        answer = await self._ask("get", self._domain, f"<services xmlns='{SERVICES}'/>")
        return [dict(one.attrib) for one in answer.iter(f"{{{SERVICES}}}service")]

    async def settle(self, quiet_s: float) -> None:
        """Take in what comes until nothing has come for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limit_s):
                while True:
                    async with asyncio.timeout(quiet_s):
                        await self._stanza()

    async def _ask(self, kind: str, to: str, payload: str) -> Element:
        number = f"oac-{next(self._numbers)}"
        place = f" to={quoteattr(to)}" if to else ""
        await self._send(
            f"<iq xmlns='jabber:client' type='{kind}' id='{number}'{place}>{payload}</iq>"
        )
        answer = await self._until(
            lambda one: one.get("id") == number and one.get("type") in ("result", "error")
        )
        if answer.get("type") == "error":
            raise Refused(_words(answer))
        return answer

    async def _send(self, text: str) -> None:
        if text.startswith("<presence"):
            text = text.replace("<presence", "<presence xmlns='jabber:client'", 1)
        await self._socket.send(text)

    async def _until(self, is_wanted: Callable[[Element], bool]) -> Element:
        try:
            async with asyncio.timeout(self._limit_s):
                while not is_wanted(stanza := await self._stanza()):
                    pass
                return stanza
        except TimeoutError:
            raise Silent(
                f"Prosody neither answers nor refuses within {self._limit_s:g} s: look for a "
                "traceback in its log."
            ) from None

    async def _stanza(self) -> Element:
        stanza = _parsed(await self._socket.read())
        if stanza.tag == "{jabber:client}presence":
            self._take_in(stanza)
        return stanza

    def _take_in(self, presence: Element) -> None:
        nick = presence.get("from", "").partition("/")[2]
        item = presence.find(f".//{{{MUC}#user}}item")
        if item is None or presence.get("type") == "error":
            return
        if presence.get("type") == "unavailable":
            self.seen.roles.pop(nick, None)
            return
        self.seen.roles[nick] = item.get("role", "none")
        codes = {one.get("code") for one in presence.iter(f"{{{MUC}#user}}status")}
        if _SELF in codes:
            self.seen.own_nick = nick


def _parsed(text: str) -> Element:
    if "<!" in text:
        raise ToMend("Prosody's stream has a document type: what answers is no XMPP server.")
    try:
        # Short, and without document types there is nothing that could grow.
        return fromstring(text)  # noqa: S314
    except ParseError as error:
        raise ToMend(
            "What answers at the WebSocket sends no sound XML: look what it is."
        ) from error


def _words(stanza: Element) -> str:
    """Return the reason in a stanza: its condition and its text."""
    error = stanza.find("{jabber:client}error")
    found = stanza if error is None else error
    conditions = [one.tag.rpartition("}")[2] for one in found if not one.tag.endswith("}text")]
    texts = [one.text or "" for one in found if one.tag.endswith("}text")]
    return ": ".join(one[:200] for one in [*conditions[:1], *texts[:1]] if one)


@contextlib.asynccontextmanager
async def person(
    server: Server, *, room: str = "", token: str | None = None
) -> AsyncIterator[Person]:
    """Sign somebody in. Raises ``Refused``, ``Silent``, ``ToMend``."""
    given = {"room": room} if room else {}
    if token is not None:
        given["token"] = token
    query = f"?{urlencode(given)}" if given else ""
    domain = await server.xmpp_domain()
    async with opened(server, query) as socket:
        someone = Person(socket, domain=domain, limit_s=server.target.limit_s)
        await someone.sign_in()
        yield someone
