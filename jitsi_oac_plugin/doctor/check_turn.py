"""TURN: whether credentials are given out, and it relays by UDP and by TLS on 443."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address

from jitsi_oac_plugin.doctor import stun
from jitsi_oac_plugin.doctor.check_xmpp import can_sign_in
from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.network import Wire, connected, why
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.doctor.stun import Credentials, MessageUnsound, Reply
from jitsi_oac_plugin.doctor.tokens import tokens_of
from jitsi_oac_plugin.doctor.xmpp import Refused, person
from jitsi_oac_plugin.rooms import new_room

_FIRST_WAIT_S = 0.5
_UNAUTHORIZED, _STALE = 401, 438
Exchange = Callable[[bytes], Awaitable[bytes]]
Service = dict[str, str]


async def offered(server: Server) -> str:
    """Look whether the server gives out TURN servers with credentials."""
    found = await _services(server)
    turns = [one for one in found if one.get("type") in ("turn", "turns")]
    if not turns:
        raise ToMend(
            "The server offers no TURN: set external_services and external_service_secret in Prosody "
            "and load the module external_services."
        )
    bare = [_named(server, one) for one in turns if not _has_credentials(one)]
    if bare:
        raise ToMend(
            f"TURN at {', '.join(bare)} is offered without credentials: give it secret = true and "
            'algorithm = "turn" in external_services in Prosody, and set external_service_secret.'
        )
    return ", ".join(_named(server, one) for one in turns)


async def by_udp(server: Server) -> str:
    """Look whether TURN relays over UDP."""
    for one in await _turns(server):
        if one.get("type") == "turn" and one.get("transport", "udp") == "udp":
            return await _relays(server, one)
    raise ToMend(
        'No TURN by UDP is offered: add { type = "turn", transport = "udp", port = 3478, secret = true, algorithm = "turn" } '
        "to external_services in Prosody."
    )


async def by_tls(server: Server) -> str:
    """Look whether TURN relays over TLS on the port that every firewall leaves open."""
    wanted = str(server.target.turn_tls_port)
    for one in await _turns(server):
        if one.get("type") == "turns" and one.get("port", "5349") == wanted:
            return await _relays(server, one)
    raise ToMend(
        f"No TURN by TLS on port {wanted} is offered, so clerks behind strict firewalls stay "
        f'outside: add {{ type = "turns", transport = "tcp", port = {wanted}, secret = true, algorithm = "turn" }} to '
        "external_services in Prosody."
    )


async def _services(server: Server) -> list[Service]:
    return await server.once("services", lambda: _asked_services(server))


async def _asked_services(server: Server) -> list[Service]:
    tokens, room = tokens_of(server), new_room()
    await can_sign_in(server)
    try:
        async with person(server, room=room, token=tokens.clerk(room)) as someone:
            return await someone.services()
    except Refused as error:
        raise NotChecked(f"the server does not tell ({error}); see 'good token'.") from error


async def _turns(server: Server) -> list[Service]:
    found = [one for one in await _services(server) if one.get("type") in ("turn", "turns")]
    if not found:
        raise NotChecked("no TURN is offered; see 'TURN offered'.")
    return found


def _has_credentials(service: Service) -> bool:
    return bool(service.get("username") and service.get("password"))


def _named(server: Server, service: Service) -> str:
    host = service.get("host") or server.target.host
    transport = "tls" if service.get("type") == "turns" else service.get("transport", "udp")
    return f"{host} port {service.get('port', '3478')} {transport}"


async def _relays(server: Server, service: Service) -> str:
    if not _has_credentials(service):
        raise NotChecked("no credentials are given out for it; see 'TURN offered'.")
    named = _named(server, service)
    limit_s = server.target.limit_s
    try:
        async with _exchange(server, service) as exchange:
            relay = await _allocate(exchange, service, named)
    except (OSError, TimeoutError, EOFError) as error:
        reason = why(error, limit_s=limit_s)
        raise Silent(
            f"TURN at {named} does not work, {reason}: start coturn and open the port in the firewall."
        ) from error
    except MessageUnsound as error:
        raise ToMend(f"What answers at {named} is no TURN server: {error}.") from error
    if relay.is_private and not ip_address(await server.address()).is_private:
        raise ToMend(
            f"TURN at {named} relays from {relay}, which nobody outside can reach: set external-ip "
            "in turnserver.conf."
        )
    return f"{named} relays from {relay}"


async def _allocate(exchange: Exchange, service: Service, named: str) -> stun.Address:
    given = Credentials(username=service.get("username", ""), password=service.get("password", ""))
    reply, given = await _signed(exchange, stun.ALLOCATE, given)
    if reply.code == _UNAUTHORIZED:
        raise ToMend(
            f"TURN at {named} refuses the credentials that Prosody gives out: external_service_secret "
            "and coturn's static-auth-secret have to be the same."
        )
    if reply.code:
        raise ToMend(f"TURN at {named} does not relay (error {reply.code}): look at coturn's log.")
    relay = reply.address(stun.RELAYED)
    if relay is None:
        raise ToMend(f"TURN at {named} does not say where it relays: look what answers there.")
    # Given back at once, or it stays taken for ten minutes.
    await _signed(exchange, stun.REFRESH, given, lifetime_s=0)
    return relay


async def _signed(
    exchange: Exchange, method: int, given: Credentials, *, lifetime_s: int | None = None
) -> tuple[Reply, Credentials]:
    """Ask, and ask again with the realm and nonce that the refusal tells."""
    reply = await _asked(exchange, method, given, lifetime_s)
    is_first = not given.realm
    if (reply.code == _UNAUTHORIZED and is_first) or reply.code == _STALE:
        given = replace(
            given,
            realm=reply.attributes.get(stun.REALM, b""),
            nonce=reply.attributes.get(stun.NONCE, b""),
        )
        reply = await _asked(exchange, method, given, lifetime_s)
    return reply, given


async def _asked(
    exchange: Exchange, method: int, given: Credentials, lifetime_s: int | None
) -> Reply:
    transaction = os.urandom(12)
    message = stun.request(method, transaction, credentials=given, lifetime_s=lifetime_s)
    return stun.read_reply(await exchange(message), method=method, transaction=transaction)


@contextlib.asynccontextmanager
async def _exchange(server: Server, service: Service) -> AsyncIterator[Exchange]:
    host = service.get("host") or server.target.host
    port = _port(service)
    address = (await server.addresses(host))[0]
    limit_s = server.target.limit_s
    if service.get("type") == "turn":
        async with _datagrams(address, port, limit_s=limit_s) as exchange:
            yield exchange
        return
    try:
        async with connected(address, port, limit_s=limit_s, tls=server.tls, name=host) as wire:
            yield lambda message: _over_stream(wire, message, limit_s)
    except ssl.SSLError as error:
        reason = why(error, limit_s=limit_s)
        raise ToMend(
            f"TURN at {_named(server, service)} takes no TLS, {reason}: give coturn a certificate for "
            f"{host}, or let nginx pass TLS for it through by name (ssl_preread)."
        ) from error


def _port(service: Service) -> int:
    port = service.get("port") or ("5349" if service.get("type") == "turns" else "3478")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ToMend(f"TURN is offered on the port {port[:20]}: mend external_services in Prosody.")
    return int(port)


async def _over_stream(wire: Wire, message: bytes, limit_s: float) -> bytes:
    async with asyncio.timeout(limit_s):
        wire.writer.write(message)
        await wire.writer.drain()
        head = await wire.reader.readexactly(stun.HEADER_BYTES)
        return head + await wire.reader.readexactly(stun.length_of(head))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.is_closed = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self.came.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.came.put_nowait(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed.set()


@contextlib.asynccontextmanager
async def _datagrams(address: str, port: int, *, limit_s: float) -> AsyncIterator[Exchange]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        _Datagrams, remote_addr=(address, port)
    )

    async def exchange(message: bytes) -> bytes:
        wait_s = _FIRST_WAIT_S
        async with asyncio.timeout(limit_s):
            while True:
                transport.sendto(message)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        came = await protocol.came.get()
                        if isinstance(came, Exception):
                            raise came
                        # A late answer to an earlier sending is not the one.
                        if came[8:20] == message[8:20]:
                            return came
                wait_s *= 2

    try:
        yield exchange
    finally:
        transport.abort()
        await protocol.is_closed.wait()
