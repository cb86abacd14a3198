"""What must not be heard from outside: Prosody's own HTTP, which tells names and ends meetings."""

from __future__ import annotations

from ipaddress import ip_address

from jitsi_oac_plugin.doctor.findings import NotChecked, ToMend
from jitsi_oac_plugin.doctor.network import connected
from jitsi_oac_plugin.doctor.server import Server

PLACES = (
    "/room-size?room=oac&domain={domain}",
    "/room?room=oac&domain={domain}",
    "/sessions",
    "/room-census",
    "/end-meeting",
    "/kick-participant",
    "/send-system-chat-message",
    "/metrics",
    "/oac/status",
    "/oac/rooms/oac",
)
_CLOSED = {403, 404, 405, 410}


async def web(server: Server) -> str:
    """Look whether the web server passes on more of Prosody than meetings need."""
    await server.answers()
    open_ones: list[str] = []
    for place in PLACES:
        answer = await server.get(place.format(domain=server.target.host))
        # Jitsi's web server takes any name for a room and gives the page.
        if answer.status not in _CLOSED and not answer.is_page and answer.status // 100 != 3:
            open_ones.append(f"{place.partition('?')[0]} ({answer.status})")
    if open_ones:
        raise ToMend(
            f"Prosody's own HTTP is passed on to everybody: {', '.join(open_ones)}. Pass on "
            "/xmpp-websocket and /http-bind alone."
        )
    return f"none of {len(PLACES)} addresses of Prosody's own answers"


async def ports(server: Server) -> str:
    """Look whether Prosody's own HTTP ports are closed."""
    target = server.target
    address = await server.address()
    is_outside = target.is_outside
    if is_outside is None:
        is_outside = not ip_address(address).is_loopback
    if not is_outside:
        raise NotChecked(f"{address} is this machine itself; ask from another one.")
    for port in target.prosody_ports:
        if await _answers(server, address, port):
            raise ToMend(
                f"Prosody's port {port} answers from outside: close it in the firewall, or set "
                "http_interfaces and https_interfaces to the loopback addresses."
            )
    return f"ports {', '.join(str(one) for one in target.prosody_ports)} are closed"


async def _answers(server: Server, address: str, port: int) -> bool:
    """Say whether a port takes connections: closed or filtered is as it should be."""
    try:
        async with connected(address, port, limit_s=server.target.limit_s / 2):
            return True
    except (OSError, TimeoutError):
        return False
