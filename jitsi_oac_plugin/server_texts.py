"""What a Jitsi Meet server has to be told, in the words of its own configuration files.

The files of ``deploy/debian`` are the one source of it: ``oac-jitsi config`` prints them, ``oac-jitsi
install`` writes them, and a test holds the other files below ``deploy/`` to them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from jitsi_oac_plugin.errors import ServerUnknown

SECRETS_FILE = "/etc/oac/jitsi.secrets"
PRIVATE_KEY_FILE = "/etc/oac/jitsi.key.pem"
PUBLIC_KEY_FILE = "/etc/oac/jitsi.pub.pem"
PLUGIN_DIR = "/usr/local/share/jitsi-oac/prosody"
WEB_DIR = "/usr/local/share/jitsi-oac/web"
SECRET_NAMES = ("app_secret", "events_secret", "control_secret")
EVENTS_PATH = "/api/meeting/events"
# Who moderates, oac_counter decides by the token. muc_flip lets a kiosk take its ghost's place.
ROOM_MODULES = ("token_verification", "muc_flip", "oac_counter")

_OURS = {
    "HS256": "oac_app_secret = secrets.app_secret",
    "RS256": f'oac_public_key_file = "{PUBLIC_KEY_FILE}"\noac_key_id = "@KEY_ID@"',
}
_THEIRS = {
    "HS256": "    app_secret = secrets.app_secret",
    # Jitsi's module asks a web server for the key, by its id: Prosody itself, through ours.
    "RS256": '    signature_algorithm = "RS256"\n'
    '    asap_key_server = "http://127.0.0.1:@PORT@/oac/keys"',
}
_LOGS = """\
access_log {access} oac_redacted;
# nginx writes whole requests, tokens included, into lower levels of its error log.
error_log {error} crit;"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Jitsi server and its bridge: host name, application id, the bridge's origin.

    ``muc`` is the component of the rooms, ``port`` Prosody's for HTTP on this machine. ``events_url``
    is for a bridge that the server reaches by another address than browsers do. ``key_id`` is what a
    public key is found by (RS256).
    """

    domain: str
    app_id: str
    bridge: str
    muc: str = ""
    port: int = 5280
    events_url: str = ""
    public_address: str = ""
    local_address: str = ""
    algorithm: str = "HS256"
    key_id: str = ""

    @property
    def rooms(self) -> str:
        """The component of the rooms; by default the one that Debian's packages make."""
        return self.muc or f"conference.{self.domain}"

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets that it shares with the bridge; what signs with RS256 is the bridge's alone."""
        return SECRET_NAMES if self.algorithm == "HS256" else SECRET_NAMES[1:]


def prosody_lines(server: Server) -> str:
    """Return Prosody's lines: tokens are required, and our module knows its bridge."""
    return _filled(
        "prosody.cfg.lua",
        OURS=_OURS[server.algorithm],
        THEIRS=_THEIRS[server.algorithm],
        KEY_ID=server.key_id,
        PORT=str(server.port),
        SECRETS=SECRETS_FILE,
        DOMAIN=server.domain,
        ROOMS=server.rooms,
        APP_ID=server.app_id,
        EVENTS_URL=server.events_url or server.bridge + EVENTS_PATH,
    )


def meet_lines() -> str:
    """Return the lines for the web page: nobody else is asked, nothing is kept."""
    return _filled("meet-config.js")


def jicofo_lines() -> str:
    """Return the lines for jicofo: who moderates is what the token says."""
    return _filled("jicofo.conf")


def videobridge_lines(server: Server) -> str:
    """Return the lines for the videobridge: it asks nobody for its address."""
    lines = ["ice4j.harvest.mapping.stun.addresses = []"]
    if server.public_address:
        local = server.local_address or server.public_address
        lines.append(
            "ice4j.harvest.mapping.static-mappings = "
            f'[{{ local-address = "{local}", public-address = "{server.public_address}" }}]'
        )
    return "\n".join(lines)


def log_format_lines() -> str:
    """Return nginx's lines outside of any server: a log format without tokens."""
    return _filled("nginx-logs.conf")


def site_lines(server: Server) -> str:
    """Return the lines inside nginx's server block of the meeting host."""
    return _filled("nginx-site.conf", BRIDGE=server.bridge, WEB=WEB_DIR)


def log_lines(access: str = "/var/log/nginx/access.log", error: str = "") -> str:
    """Return the lines inside a server block that send its logs, without tokens, to ``access``."""
    return _LOGS.format(access=access, error=error or "/var/log/nginx/error.log")


def apt_lines(program: str) -> str:
    """Return apt's lines: after every change of packages ``program`` looks whether all is in place."""
    return _filled("apt.conf", PROGRAM=program)


def secret_lines(values: dict[str, str]) -> str:
    """Return the file of secrets: assignments that are Lua and TOML at once."""
    return "".join(f'{name} = "{value}"\n' for name, value in values.items())


def _filled(name: str, **values: str) -> str:
    text = (_folder() / name).read_text(encoding="utf-8").rstrip("\n")
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text


def _folder() -> Path:
    """Return where the texts lie: in the sources, or where the distribution put them."""
    places = (
        Path(__file__).resolve().parents[1] / "deploy" / "debian",
        Path(sys.prefix) / "share" / "jitsi-oac" / "debian",
    )
    for place in places:
        if place.is_dir():
            return place
    raise ServerUnknown(
        "The texts of deploy/debian are not installed: please install jitsi-oac into a virtual "
        "environment of its own (python3 -m venv /opt/oac)."
    )
