"""The table of checks, and how they are run: side by side, each with its own limit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from jitsi_oac_plugin.doctor import (
    check_bridge,
    check_config,
    check_exposed,
    check_pages,
    check_tls,
    check_turn,
    check_xmpp,
)
from jitsi_oac_plugin.doctor.findings import Finding, NotChecked, Outcome, ToMend
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.doctor.target import Target

Look = Callable[[Server], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at: ``look`` returns what it saw, or raises its verdict."""

    name: str
    look: Look


CHECKS: tuple[Check, ...] = (
    Check(name="address", look=check_tls.address),
    Check(name="TLS", look=check_tls.protocol),
    Check(name="certificate chain", look=check_tls.chain),
    Check(name="certificate name", look=check_tls.name),
    Check(name="certificate time", look=check_tls.lifetime),
    Check(name="clocks", look=check_bridge.clocks),
    Check(name="meeting page", look=check_pages.meeting_page),
    Check(name="external_api.js", look=check_pages.external_api),
    Check(name="frame-ancestors", look=check_pages.framed),
    Check(name="settings", look=check_config.settings),
    Check(name="hosts", look=check_config.hosts),
    Check(name="websocket", look=check_config.websocket_setting),
    *(
        Check(name=one.path, look=partial(check_config.key, wanted=one))
        for one in check_config.KEYS
    ),
    Check(name="STUN servers", look=check_config.stun_servers),
    Check(name="third parties", look=check_config.contacts),
    Check(name="branding", look=check_pages.branding),
    Check(name="plugin files", look=check_pages.plugin_files),
    Check(name="plugin settings", look=check_pages.plugin_settings),
    Check(name="plugin included", look=check_pages.plugin_included),
    Check(name="panel", look=check_pages.panel),
    Check(name="Prosody's HTTP", look=check_exposed.web),
    Check(name="Prosody's ports", look=check_exposed.ports),
    Check(name="XMPP over WebSocket", look=check_xmpp.signalling),
    Check(name="XMPP over BOSH", look=check_xmpp.by_bosh),
    Check(name="good token", look=check_xmpp.good_token),
    Check(name="citizen first", look=check_xmpp.citizen_first),
    *(Check(name=one.name, look=partial(check_xmpp.bad_token, bad=one)) for one in check_xmpp.BAD),
    Check(name="module", look=check_bridge.module),
    Check(name="events", look=check_bridge.events),
    Check(name="bridge's view", look=check_bridge.view),
    Check(name="TURN offered", look=check_turn.offered),
    Check(name="TURN by UDP", look=check_turn.by_udp),
    Check(name="TURN by TLS", look=check_turn.by_tls),
)

# A few at a time: the server counts how often somebody connects.
_AT_ONCE = 6
_WHOLE = 4
_TOKEN = re.compile(r"eyJ[\w.-]{20,}")
_MOST_CHARACTERS = 1000


async def examine(target: Target, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """Run every check and return the findings in the table's order."""
    server = Server(target)
    places = asyncio.Semaphore(_AT_ONCE)

    async def run(check: Check) -> Finding:
        async with places:
            return await _finding(check, server)

    try:
        return list(await asyncio.gather(*(run(one) for one in checks)))
    finally:
        await server.close()


async def _finding(check: Check, server: Server) -> Finding:
    limit_s = server.target.limit_s * _WHOLE
    try:
        async with asyncio.timeout(limit_s):
            outcome, told = Outcome.OK, await check.look(server)
    except ToMend as verdict:
        outcome, told = Outcome.MEND, str(verdict)
    except NotChecked as verdict:
        outcome, told = Outcome.UNCHECKED, str(verdict)
    except TimeoutError:
        outcome, told = Outcome.MEND, f"Not done within {limit_s:g} s: look how busy the server is."
    return Finding(check=check.name, outcome=outcome, told=_clean(told))


def _clean(told: str) -> str:
    """Return one line that a terminal shows as it is: parts of it are a stranger's words."""
    plain = "".join(one if one.isprintable() else " " for one in told)
    return _TOKEN.sub("[token]", plain)[:_MOST_CHARACTERS]
