"""Signalling: whether it answers, whom it lets in, and who moderates."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.javascript import setting
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.doctor.tokens import tokens_of
from jitsi_oac_plugin.doctor.websocket import opened
from jitsi_oac_plugin.doctor.xmpp import FocusAway, Person, Refused, person
from jitsi_oac_plugin.rooms import new_room

MODERATOR = "moderator"
_HTTPBIND = "http://jabber.org/protocol/httpbind"
# The number of the first request of a line.
_FIRST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A token that has to be refused, and what to do where it is not."""

    name: str
    make: Callable[[Server, str], str | None]
    remedy: str


BAD = (
    Bad(
        name="missing token",
        make=lambda _server, _room: None,
        remedy="set allow_empty_token = false in Prosody and allow no guests",
    ),
    Bad(
        name="empty token",
        make=lambda _server, _room: "",
        remedy="set allow_empty_token = false in Prosody and allow no guests",
    ),
    Bad(
        name="expired token",
        make=lambda server, room: tokens_of(server).expired(room),
        remedy='set authentication = "token" in Prosody, and its clock',
    ),
    Bad(
        name="early token",
        make=lambda server, room: tokens_of(server).early(room),
        remedy='set authentication = "token" in Prosody, and its clock',
    ),
    Bad(
        name="token of another room",
        make=lambda server, room: tokens_of(server).other_room(room),
        remedy="load token_verification at the rooms' component in Prosody",
    ),
    Bad(
        name="token of another issuer",
        make=lambda server, room: tokens_of(server).other_issuer(room),
        remedy="set asap_accepted_issuers to meeting.app_id alone in Prosody",
    ),
    Bad(
        name="unsigned token",
        make=lambda server, room: tokens_of(server).unsigned(room),
        remedy="set app_secret in Prosody: without a key it verifies nothing",
    ),
    Bad(
        name="forged token",
        make=lambda server, room: tokens_of(server).forged(room),
        remedy="set app_secret in Prosody: without a key it verifies nothing",
    ),
)


async def signalling(server: Server) -> str:
    """Look whether XMPP over WebSocket answers."""
    return await server.once("signalling", lambda: _signalling(server))


async def _signalling(server: Server) -> str:
    await server.answers()
    domain = await server.xmpp_domain()
    async with opened(server, "") as socket:
        someone = Person(socket, domain=domain, limit_s=server.target.limit_s)
        # Whether it lets anybody in is for other checks.
        with contextlib.suppress(Refused):
            await someone.sign_in()
    return f"XMPP over WebSocket answers for {domain}"


async def by_bosh(server: Server) -> str:
    """Look whether XMPP over BOSH answers, for networks that let no WebSocket through."""
    await server.answers()
    domain = await server.xmpp_domain()
    body = (
        f"<body xmlns='{_HTTPBIND}' to={quoteattr(domain)} rid='{_FIRST}' wait='1' hold='1' "
        "ver='1.6'/>"
    )
    answer = await server.get("/http-bind?room=oac-doctor", content=body.encode())
    session = re.search(r"<body\b[^>]*\bsid=(['\"])(.+?)\1", answer.text())
    if answer.status != 200 or session is None:
        raise ToMend(
            f"XMPP over BOSH, for whom no WebSocket gets through, does not answer (/http-bind gives "
            f"{answer.status}): pass /http-bind on to Prosody, and load its module bosh."
        )
    over = f"<body xmlns='{_HTTPBIND}' rid='{_FIRST + 1}' sid='{session[2]}' type='terminate'/>"
    await server.get("/http-bind?room=oac-doctor", content=over.encode())
    return f"XMPP over BOSH answers for {domain}"


async def can_sign_in(server: Server) -> None:
    """Go on where signalling works. Raises ``NotChecked``."""
    try:
        await signalling(server)
    except (ToMend, NotChecked) as error:
        raise NotChecked("nobody could sign in; see 'XMPP over WebSocket'.") from error


async def good_token(server: Server) -> str:
    """Look whether a clerk comes into a new room and moderates it."""
    tokens, room = tokens_of(server), new_room()
    try:
        async with in_room(server, room, tokens.clerk(room)) as clerk:
            await clerk.settle(server.target.quiet_s)
            role = clerk.seen.roles.get(clerk.seen.own_nick)
    except FocusAway as error:
        raise ToMend(
            "Jicofo does not answer, and nobody else opens rooms: start it, and look whether it signs "
            "in to Prosody."
        ) from error
    except Refused as error:
        raise ToMend(f"A good token is refused ({error}): {_hint(str(error))}.") from error
    if role != MODERATOR:
        raise ToMend(
            "A clerk comes in and does not moderate: load token_affiliation at the rooms' component "
            "in Prosody."
        )
    return "a clerk comes into a new room and moderates it"


def _hint(words: str) -> str:
    for part, hint in (
        ("token-unsigned", "meeting.app_secret and the server's secret have to be the same"),
        ("token-subject", "meeting.domain has to be Prosody's VirtualHost"),
        ("token-early", "set both machines' clocks"),
        ("signature", "meeting.app_secret and Prosody's app_secret have to be the same"),
        ("'iss'", "meeting.app_id and Prosody's app_id have to be the same"),
        ("issuer", "meeting.app_id and Prosody's app_id have to be the same"),
        ("'aud'", 'let asap_accepted_audiences in Prosody hold "jitsi"'),
        ("exp", "set both machines' clocks"),
        ("nbf", "set both machines' clocks"),
        (
            "mismatched",
            "enable_domain_verification wants meeting.domain to be Prosody's VirtualHost",
        ),
    ):
        if part in words.lower():
            return hint
    return "look at Prosody's log"


async def citizen_first(server: Server) -> str:
    """Look whether a citizen stays a participant: alone, with a clerk, and after the clerk left."""
    tokens, room = tokens_of(server), new_room()
    quiet_s = server.target.quiet_s
    try:
        async with in_room(server, room, tokens.citizen(room)) as citizen:
            await citizen.settle(quiet_s)
            _still_participant(citizen, "comes first")
            async with in_room(server, room, tokens.clerk(room)) as clerk:
                await clerk.settle(quiet_s)
                await citizen.settle(quiet_s)
                role = clerk.seen.roles.get(clerk.seen.own_nick)
            _still_participant(citizen, "is joined by the clerk")
            await citizen.settle(quiet_s)
            _still_participant(citizen, "is left by the clerk")
    except Refused as error:
        raise NotChecked(f"nobody comes in ({error}); see 'good token'.") from error
    if role != MODERATOR:
        raise ToMend(
            "A clerk who comes after the citizen does not moderate: load token_affiliation at the "
            "rooms' component in Prosody."
        )
    return "a citizen stays a participant, first or last in the room"


def _still_participant(citizen: Person, when: str) -> None:
    if citizen.seen.roles.get(citizen.seen.own_nick) == MODERATOR:
        raise ToMend(
            f"A citizen who {when} becomes a moderator: set jicofo.conference.enable-auto-owner = "
            "false, switch jicofo's authentication off, and take muc_allowners out of Prosody."
        )


async def bad_token(server: Server, *, bad: Bad) -> str:
    """Look whether one kind of bad token is refused."""
    room = new_room()
    token = bad.make(server, room)
    try:
        async with in_room(server, room, token):
            pass
    except Refused as error:
        return f"refused ({error})" if str(error) else "refused"
    except Silent as error:
        raise NotChecked(f"neither let in nor refused: {error}") from error
    raise ToMend(f"Somebody with a bad one ({bad.name}) comes into a room: {bad.remedy}.")


async def module(server: Server) -> str:
    """Look whether ``mod_oac_counter`` guards our rooms, by what only it refuses."""
    tokens, room = tokens_of(server), new_room()
    try:
        async with in_room(server, room, tokens.wildcard(room)):
            pass
    except Refused as error:
        if (await server.once("good", lambda: _is_let_in(server))) is False:
            raise NotChecked("nobody at all comes in; see 'good token'.") from error
        return "our rooms refuse a token that is good for any room, as the module has it"
    raise ToMend(
        "The module mod_oac_counter is not loaded: a token for any room opens ours. Run 'oac-jitsi "
        "install' on the meeting server."
    )


async def _is_let_in(server: Server) -> bool:
    room = new_room()
    try:
        async with in_room(server, room, tokens_of(server).clerk(room)):
            return True
    except Refused:
        return False


@contextlib.asynccontextmanager
async def in_room(server: Server, room: str, token: str | None) -> AsyncIterator[Person]:
    """Have somebody come into ``room``, opened by jicofo as for any page. Raises ``Refused``."""
    await can_sign_in(server)
    address = f"{room}@{await server.rooms_domain()}"
    async with person(server, room=room, token=token) as someone:
        await someone.request_room(address, await focus_of(server))
        await someone.join(address)
        yield someone


async def focus_of(server: Server) -> str:
    """Return jicofo's address."""
    with contextlib.suppress(NotChecked):
        found = setting(await server.config(), "hosts.focus")
        if isinstance(found, str) and found:
            return found
    return f"focus.{await server.xmpp_domain()}"
