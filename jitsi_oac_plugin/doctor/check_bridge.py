"""The bridge's side: clocks, the module's own report, and whether its events arrive."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC
from email.utils import parsedate_to_datetime

from jitsi_oac_plugin.doctor.check_xmpp import in_room
from jitsi_oac_plugin.doctor.check_xmpp import module as module_by_behaviour
from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.network import in_thread
from jitsi_oac_plugin.doctor.receiver import Receiver
from jitsi_oac_plugin.doctor.server import Server
from jitsi_oac_plugin.doctor.tokens import tokens_of
from jitsi_oac_plugin.doctor.xmpp import Refused
from jitsi_oac_plugin.errors import ControlRefused, ServerUnreachable
from jitsi_oac_plugin.rooms import new_room
from jitsi_oac_plugin.servers import MODULE_SERIES, Control, ServerStatus

MOST_SKEW_S = 10
_LOOK_AGAIN_S = 0.25
_REMEDIES = {
    "down": "look whether the bridge reaches meeting.control_url, or meeting.domain without one",
    "slow": "look how busy the server and the line to it are",
    "version-unknown": "install the module of the bridge's version with 'oac-jitsi install'",
    "events-missing": "the server's oac_events_url has to lead to the bridge, and "
    "oac_events_secret has to be its meeting.events_secret",
}


async def clocks(server: Server) -> str:
    """Compare the server's clock with this machine's."""
    answer = await server.page_as_answered()
    now = server.target.now()
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        skew_s = (theirs.astimezone(UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError) as error:
        raise NotChecked("the web server does not say what time it is.") from error
    said = "by the web server"
    if server.target.control_url:
        status = await _status(server)
        skew_s = max(skew_s, status.time - now.timestamp(), key=abs)
        said += " and Prosody"
    if abs(skew_s) > MOST_SKEW_S:
        how = "ahead of" if skew_s > 0 else "behind"
        raise ToMend(
            f"The meeting server's clock is {_span(abs(skew_s))} {how} this machine's, and tokens "
            "are exact: switch time synchronisation on at both."
        )
    return f"within {MOST_SKEW_S} s of this machine's, {said}"


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


async def module(server: Server) -> str:
    """Look whether the module is loaded, by its control or else by what it refuses."""
    if not server.target.control_url:
        return f"{await module_by_behaviour(server)}; its version needs meeting.control_url"
    try:
        status = await _asked_status(server)
    except (ServerUnreachable, ControlRefused) as error:
        raise ToMend(str(error)) from error
    domain = await server.xmpp_domain()
    if status.server != domain:
        raise ToMend(
            f"The module at meeting.control_url is that of {status.server}, not of {domain}: mend the "
            "address, or load it at the right VirtualHost."
        )
    if not status.module.startswith(MODULE_SERIES):
        raise ToMend(
            f"mod_oac_counter is of version {status.module}, which the bridge does not understand: "
            "run 'oac-jitsi install' of the bridge's version on the meeting server."
        )
    return f"mod_oac_counter {status.module} on Prosody {status.prosody}, {status.rooms} rooms"


async def events(server: Server) -> str:
    """Have somebody come in, and look whether the event of it arrives."""
    if server.target.receive_at:
        return await _received(server)
    if not server.target.control_url:
        raise NotChecked(
            "give meeting.control_url, or let them come here for a moment with --receive."
        )
    await _come_in(server, new_room())
    # What cannot be delivered stays in the module's spool.
    status = await _status(server)
    try:
        async with asyncio.timeout(server.target.limit_s):
            while status.spool:
                await asyncio.sleep(_LOOK_AGAIN_S)
                status = await _asked_status(server)
    except TimeoutError as error:
        raise _undelivered(status) from error
    except (ServerUnreachable, ControlRefused) as error:
        raise NotChecked("the module stopped answering; see 'module'.") from error
    return "the bridge took every event of somebody who came in"


def _undelivered(status: ServerStatus) -> ToMend:
    reason = f" ({status.last_error[:200]})" if status.last_error else ""
    age = f", the oldest of {_span(status.oldest_s)} ago" if status.oldest_s else ""
    return ToMend(
        f"{status.spool} events wait at the meeting server{age}{reason}: look whether the bridge "
        "runs, and whether its address and meeting.events_secret are the same there."
    )


async def view(server: Server) -> str:
    """Ask the bridge how the meeting server looks from there."""
    bridge = server.target.bridge
    if not bridge:
        raise NotChecked("give the bridge's address with --bridge.")
    answer = await server.get(f"{bridge}/readyz")
    try:
        meeting = json.loads(answer.text())["meeting"]
        provider, reason = meeting["provider"], meeting["reason"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotChecked(
            f"{bridge}/readyz does not tell it (it answers {answer.status})."
        ) from error
    if provider != "jitsi":
        raise ToMend(f"The bridge's meetings are {provider}: set meeting.provider to jitsi there.")
    if reason is not None:
        remedy = _REMEDIES.get(reason, "look at the bridge's log")
        raise ToMend(f"To the bridge the meeting server is {reason}: {remedy}.")
    return "to the bridge the meeting server is as it should be"


async def _received(server: Server) -> str:
    target = server.target
    if not target.events_secret:
        raise NotChecked("give meeting.events_secret, which the events are signed with.")
    room = new_room()
    async with Receiver(target, room).opened() as receiver:
        await _come_in(server, room)
        try:
            async with asyncio.timeout(target.limit_s):
                await receiver.came.wait()
        except TimeoutError as error:
            wrong = f", but {receiver.refused}" if receiver.refused else ""
            raise Silent(
                f"No event of somebody who came in has arrived at {target.receive_at}{wrong}: set "
                "oac_events_url in Prosody to that address for this check."
            ) from error
    return f"the event of somebody who came in has arrived at {target.receive_at}"


async def _come_in(server: Server, room: str) -> None:
    try:
        async with in_room(server, room, tokens_of(server).clerk(room)):
            pass
    except Refused as error:
        raise NotChecked(f"nobody comes in ({error}); see 'good token'.") from error


async def _status(server: Server) -> ServerStatus:
    try:
        return await _asked_status(server)
    except (ServerUnreachable, ControlRefused) as error:
        raise NotChecked("the module does not answer; see 'module'.") from error


async def _asked_status(server: Server) -> ServerStatus:
    target = server.target
    if not target.control_secret:
        raise NotChecked("give meeting.control_secret.")

    def ask() -> ServerStatus:
        control = Control(target.control_url, target.control_secret, target.limit_s / 2)
        try:
            return control.status()
        finally:
            control.close()

    try:
        return await in_thread(ask, limit_s=target.limit_s)
    except TimeoutError as error:
        raise ServerUnreachable(
            f"What is at {target.control_url} does not come to an end within {target.limit_s:g} s."
        ) from error
