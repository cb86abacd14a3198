"""The served settings: a table of the keys that matter, and who else is contacted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from jitsi_oac_plugin.doctor.findings import NotChecked, ToMend
from jitsi_oac_plugin.doctor.javascript import UNKNOWN, ScriptUnsound, read_config, setting
from jitsi_oac_plugin.doctor.served import host_of, hosts_in, is_ours
from jitsi_oac_plugin.doctor.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A setting: how it has to be, why, and the line that makes it so."""

    path: str
    is_well: Callable[[Any], bool]
    harm: str
    line: str


def _is_true(value: Any) -> bool:
    return value is True


def _is_off(value: Any) -> bool:
    return value is False


def _is_unset(value: Any) -> bool:
    return value is None or value is UNKNOWN or value in ("", False, [], {})


KEYS = (
    Key(
        path="prejoinConfig.enabled",
        is_well=_is_off,
        harm="people who reload stand before a page that asks for their name",
        line="config.prejoinConfig = { enabled: false };",
    ),
    Key(
        path="disableThirdPartyRequests",
        is_well=_is_true,
        harm="browsers ask strangers for avatars and statistics",
        line="config.disableThirdPartyRequests = true;",
    ),
    Key(
        path="analytics.disabled",
        is_well=_is_true,
        harm="what people do is reported",
        line="config.analytics = { disabled: true };",
    ),
    Key(
        path="gravatar.disabled",
        is_well=_is_true,
        harm="a stranger is asked for everybody's picture",
        line="config.gravatar = { disabled: true };",
    ),
    Key(
        path="welcomePage.disabled",
        is_well=_is_true,
        harm="after hanging up anybody can open a room at the kiosk",
        line="config.welcomePage = { disabled: true };",
    ),
    Key(
        path="enableClosePage",
        is_well=lambda value: not value,
        harm="a page of thanks takes the place of ours at the end",
        line="config.enableClosePage = false;",
    ),
    Key(
        path="doNotStoreRoom",
        is_well=_is_true,
        harm="the browser keeps a list of the rooms it was in",
        line="config.doNotStoreRoom = true;",
    ),
    Key(
        path="disableIframeAPI",
        is_well=lambda value: not value,
        harm="desk and kiosk cannot embed the meeting",
        line="config.disableIframeAPI = false;",
    ),
    Key(
        path="hosts.anonymousdomain",
        is_well=_is_unset,
        harm="guests without a token come in",
        line="delete config.hosts.anonymousdomain;",
    ),
    Key(
        path="tokenAuthUrl",
        is_well=_is_unset,
        harm="people without a token are sent to a sign-in that is not the bridge's",
        line="delete config.tokenAuthUrl;",
    ),
    Key(
        path="customToolbarButtons",
        is_well=_is_unset,
        harm="the clerk's buttons show at the kiosk too",
        line="delete config.customToolbarButtons;",
    ),
)


async def settings(server: Server) -> str:
    """Look whether the page's settings can be read at all."""
    script = await server.settings_script()
    if not script:
        raise ToMend("Neither the page nor /config.js has settings: include config.js in the page.")
    try:
        found = read_config(script)
    except ScriptUnsound as error:
        raise ToMend(f"The settings cannot be read, {error}: mend config.js.") from error
    return f"{len(found)} settings are served"


async def key(server: Server, *, wanted: Key) -> str:
    """Look at one key of the table."""
    found = setting(await server.config(), wanted.path)
    if found is UNKNOWN and not wanted.is_well(found):
        raise NotChecked(f"config.{wanted.path} is made by a program; it has to be: {wanted.line}")
    if not wanted.is_well(found):
        raise ToMend(f"config.{wanted.path} is {_shown(found)}: {wanted.harm}. Set {wanted.line}")
    return _shown(found)


async def hosts(server: Server) -> str:
    """Look whether the page knows where the rooms are."""
    config = await server.config()
    domain, rooms = setting(config, "hosts.domain"), setting(config, "hosts.muc")
    for path, found in (("hosts.domain", domain), ("hosts.muc", rooms)):
        if not isinstance(found, str) or not found:
            raise ToMend(
                f"config.{path} is {_shown(found)}: set it to what Prosody's configuration calls it."
            )
    if domain != server.target.host:
        return f"{domain}, rooms at {rooms} (the public name is {server.target.host})"
    return f"{domain}, rooms at {rooms}"


async def websocket_setting(server: Server) -> str:
    """Look whether the page signals over a WebSocket of this server."""
    target = server.target
    found = setting(await server.config(), "websocket")
    wanted = f"config.websocket = 'wss://{target.domain}/xmpp-websocket';"
    if found is UNKNOWN:
        raise NotChecked(f"config.websocket is made by a program; it has to be: {wanted}")
    parts = urlsplit(found) if isinstance(found, str) else None
    # Without a scheme it is taken from the page.
    if parts is None or parts.scheme not in ("wss", "") or parts.netloc != target.domain:
        raise ToMend(f"config.websocket is {_shown(found)}: set {wanted}")
    return str(found)


async def stun_servers(server: Server) -> str:
    """Look whether browsers learn their addresses from us alone."""
    config = await server.config()
    found = [
        (path, host)
        for part in ("p2p.stunServers", "stunServers")
        for path, host in hosts_in(setting(config, part), part)
    ]
    strange = [host for _, host in found if not is_ours(host, _ours(server))]
    if strange:
        raise ToMend(
            f"Browsers ask the STUN server of {', '.join(sorted(set(strange)))} for their address: "
            "set config.p2p.stunServers = []; or your own."
        )
    return ", ".join(host for _, host in found) or "none, TURN does it"


async def contacts(server: Server) -> str:
    """Look for every host that the page would contact and that is not the town's."""
    config, page = await server.config(), await server.page()
    found = [
        (f"config.{path}", host) for path, host in hosts_in(config) if "stunServers" not in path
    ]
    for address in page.loads:
        parts = urlsplit(urljoin(server.target.origin, address))
        if parts.netloc:
            found.append(("the page", host_of(parts.netloc)))
    strange = sorted({(place, host) for place, host in found if not is_ours(host, _ours(server))})
    if strange:
        named = ", ".join(f"{host} ({place})" for place, host in strange[:8])
        raise ToMend(
            f"The page contacts others: {named}. Take them out, or name what is the town's with --ours."
        )
    return "nobody else is contacted"


def _ours(server: Server) -> tuple[str, ...]:
    bridge = urlsplit(server.target.bridge).hostname
    return (server.target.host, *server.target.ours, *([bridge] if bridge else []))


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:80]
