"""The web pages: the meeting's own, the IFrame API, the plugin's files, framing, branding."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

from jitsi_oac_plugin.doctor.findings import NotChecked, ToMend
from jitsi_oac_plugin.doctor.javascript import setting
from jitsi_oac_plugin.doctor.served import allows, framing
from jitsi_oac_plugin.doctor.server import Answer, Server
from jitsi_oac_plugin.rooms import new_room

PLUGIN = "/oac/oac-meeting.js"
SETTINGS = "/oac/settings.json"
MOST_MODULES = 40
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"'\n]{1,200})["']""")
_SCRIPT_KINDS = {"application/javascript", "text/javascript", "application/x-javascript"}


async def meeting_page(server: Server) -> str:
    """Look whether a room's address gives Jitsi's page."""
    answer = await server.page_answer()
    page = await server.page()
    if page.has_open_includes:
        raise ToMend("The page's includes are not filled in: switch ssi on in the web server.")
    if not page.scripts and not page.loads:
        raise ToMend(f"{answer.url} is a page without scripts: that is not Jitsi Meet's.")
    version = f", web files of version {page.version}" if page.version else ", version not told"
    return f"a room's address gives Jitsi's page{version}"


async def external_api(server: Server) -> str:
    """Look whether the desk and the kiosk can load the IFrame API."""
    await server.answers()
    answer = await server.get("/external_api.js")
    text = _script(answer, "nginx: location = /external_api.js, alias to libs/external_api.min.js")
    if "JitsiMeetExternalAPI" not in text:
        raise ToMend(f"{answer.url} is a script, but not Jitsi's IFrame API: serve that one there.")
    return f"external_api.js is there, {len(answer.body) // 1000} kB"


async def framed(server: Server) -> str:
    """Look who may show the meeting inside a page of their own."""
    answer = await server.page_as_answered()
    sources = framing(answer.headers)
    bridge = server.target.bridge
    line = f"frame-ancestors 'self' {bridge or 'https://<the bridge>'}"
    if sources is None and answer.headers.get("x-frame-options"):
        raise ToMend(
            f"X-Frame-Options keeps the desk from showing the meeting: send {line} instead."
        )
    if sources is None or {"*", "https:", "http:"} & set(sources):
        raise ToMend(
            f"Any page may frame the meeting and command it: send the header "
            f"Content-Security-Policy: {line}."
        )
    if not bridge:
        raise NotChecked(f"only {' '.join(sources)} may frame it; give --bridge to compare.")
    if not allows(sources, bridge):
        raise ToMend(f"The bridge may not frame the meeting: send {line}.")
    return f"the meeting may be framed by {' '.join(sources)} alone"


async def plugin_files(server: Server) -> str:
    """Look whether the in-meeting plugin and every module that it imports are served."""
    await server.answers()
    waiting, seen = [PLUGIN], {PLUGIN}
    while waiting:
        path = waiting.pop()
        answer = await server.get(path)
        text = _script(answer, "run 'oac-jitsi install' on the meeting server")
        for found in _IMPORT.findall(text):
            place = urlsplit(urljoin(path, found)).path
            if place not in seen and len(seen) < MOST_MODULES:
                seen.add(place)
                waiting.append(place)
    return f"{PLUGIN} and the {len(seen) - 1} modules that it imports are there"


async def plugin_settings(server: Server) -> str:
    """Look whether the plugin is told the right bridge."""
    await server.answers()
    answer = await server.get(SETTINGS)
    if answer.status != 200:
        raise ToMend(
            f"{SETTINGS} answers {answer.status}: run 'oac-jitsi install' on the meeting server."
        )
    try:
        bridge = json.loads(answer.text())["bridge"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ToMend(f'{SETTINGS} has to be {{"bridge": "https://…"}}: write it again.') from error
    expected = server.target.bridge
    if not expected:
        raise NotChecked(f"the plugin's bridge is {str(bridge)[:100]}; give --bridge to compare.")
    if not isinstance(bridge, str) or bridge.rstrip("/") != expected:
        raise ToMend(f"{SETTINGS} names the bridge {str(bridge)[:100]}: it has to be {expected}.")
    return f"the plugin is told {expected}"


async def plugin_included(server: Server) -> str:
    """Look whether Jitsi's page loads the plugin."""
    page = await server.page()
    if not any(urlsplit(one).path == PLUGIN for one in page.modules):
        raise ToMend(
            f'Jitsi\'s page does not load the plugin: let plugin.head.html answer <script type="module" '
            f"src=\"{PLUGIN}\"></script>; 'oac-jitsi install' does it."
        )
    return "Jitsi's page loads the plugin"


async def branding(server: Server) -> str:
    """Look whether browsers get the branding: it needs CORS, or the logo disappears."""
    config = await server.config()
    for key in ("brandingDataUrl", "dynamicBrandingUrl"):
        url = setting(config, key)
        if isinstance(url, str) and url:
            break
    else:
        return "no branding is set, the page keeps Jitsi's own"
    mark = "&" if "?" in url else "?"
    asked = f"{url}{mark}conferenceFqn={new_room()}" if key == "brandingDataUrl" else url
    answer = await server.get(
        urljoin(server.target.origin, asked), headers={"Origin": server.target.origin}
    )
    if answer.status != 200:
        raise ToMend(f"config.{key} is {url}, which answers {answer.status}: mend the address.")
    allowed = answer.headers.get("access-control-allow-origin", "")
    if allowed not in ("*", server.target.origin):
        raise ToMend(
            f"Browsers may not read the branding at {url}: let it answer "
            f"Access-Control-Allow-Origin: {server.target.origin}."
        )
    try:
        is_object = isinstance(json.loads(answer.text()), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise ToMend(f"The branding at {url} is no JSON object: mend what answers there.")
    return f"the branding at {url} can be read by the meeting's page"


async def panel(server: Server) -> str:
    """Look whether the meeting's page may show the bridge's panel."""
    bridge = server.target.bridge
    if not bridge:
        raise NotChecked("give the bridge's address with --bridge.")
    answer = await server.get(f"{bridge}/desk/panel?in=meeting&visit=none")
    # Nobody is signed in here: what counts is that the bridge answers, and who may frame it.
    if answer.status >= 500 or answer.status == 404:
        raise ToMend(f"{bridge}/desk/panel answers {answer.status}: look at the bridge's log.")
    sources = framing(answer.headers)
    if sources is not None and not allows(sources, server.target.origin):
        raise ToMend(
            f"The bridge's panel may not be shown in the meeting: set meeting.domain of the bridge "
            f"to {server.target.domain}."
        )
    return "the bridge's panel may be shown beside the meeting"


def _script(answer: Answer, remedy: str) -> str:
    if answer.status != 200:
        raise ToMend(f"{answer.url} answers {answer.status}: serve it ({remedy}).")
    if answer.is_page:
        raise ToMend(f"{answer.url} is a web page instead of a script: serve the file ({remedy}).")
    if answer.kind not in _SCRIPT_KINDS:
        raise ToMend(
            f"{answer.url} is served as {answer.kind or 'no type'}, which browsers do not run: "
            "serve it as text/javascript."
        )
    return answer.text()
