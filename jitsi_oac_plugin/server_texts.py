"""What a Jitsi Meet server has to be told, in the words of its own configuration files.

The one source of it: ``oac-jitsi config`` prints these texts, ``oac-jitsi install`` writes them, and
a test holds the files below ``deploy/`` to them.
"""

from __future__ import annotations

from dataclasses import dataclass

SECRETS_FILE = "/etc/oac/jitsi.secrets"
PLUGIN_DIR = "/usr/local/share/jitsi-oac/prosody"
WEB_DIR = "/usr/local/share/jitsi-oac/web"
SECRET_NAMES = ("app_secret", "events_secret", "control_secret")
EVENTS_PATH = "/api/meeting/events"
# Who moderates, oac_counter decides by the token. muc_flip lets a kiosk take its ghost's place.
ROOM_MODULES = ("token_verification", "muc_flip", "oac_counter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Jitsi server and its bridge: host name, application id, the bridge's origin.

    ``muc`` is the component of the rooms. ``events_url`` is for a bridge that the server reaches by
    another address than browsers do.
    """

    domain: str
    app_id: str
    bridge: str
    muc: str = ""
    events_url: str = ""
    public_address: str = ""
    local_address: str = ""

    @property
    def rooms(self) -> str:
        """The component of the rooms; by default the one that Debian's packages make."""
        return self.muc or f"conference.{self.domain}"


_PROSODY = """\
-- Secrets are assignments in a file that only root and Prosody may read.
-- Prosody 13 wants Lua's own functions by that name; 0.12 does not know it.
local lua, secrets = Lua or _G, {{}}
lua.assert(lua.loadfile("{secrets}", "t", secrets))()

oac_app_id = "{app_id}"
oac_app_secret = secrets.app_secret
oac_events_url = "{events_url}"
oac_events_secret = secrets.events_secret
oac_control_secret = secrets.control_secret

-- A token is required, and lets into its own room alone.
VirtualHost "{domain}"
    authentication = "token"
    app_id = "{app_id}"
    app_secret = secrets.app_secret
    allow_empty_token = false
    asap_require_room_claim = true
    asap_accepted_audiences = {{ "jitsi" }}
    asap_accepted_issuers = {{ "{app_id}" }}
    enable_domain_verification = true

Component "{rooms}" "muc"
    restrict_room_creation = true
"""

# Without this jicofo makes whoever comes first a moderator: the citizen, if the clerk is late.
_JICOFO = "jicofo.conference.enable-auto-owner = false"

_MEET = """\
config.disableThirdPartyRequests = true;
config.analytics = { disabled: true };
config.gravatar = { disabled: true };
config.welcomePage = { disabled: true };
// One path for the media: by the videobridge. Directly, each side would learn the other's address.
config.p2p = { enabled: false, stunServers: [] };
config.prejoinConfig = { enabled: false };
config.enableClosePage = false;
config.doNotStoreRoom = true;"""

_LOG_FORMAT = """\
# A query that holds a token does not reach the log, neither as an address nor as a referrer.
map $request_uri $oac_logged_uri {
    "~*^(?<oac_path>[^?]*)\\?(?:.*&)?(?:jwt|token)=" "$oac_path?[redacted]";
    default $request_uri;
}
map $http_referer $oac_logged_referer {
    "~*^(?<oac_from>[^?]*)\\?(?:.*&)?(?:jwt|token)=" "$oac_from?[redacted]";
    default $http_referer;
}
log_format oac_redacted '$remote_addr - $remote_user [$time_local] '
    '"$request_method $oac_logged_uri $server_protocol" $status $body_bytes_sent '
    '"$oac_logged_referer" "$http_user_agent"';"""

_SITE = """\
# Only our own pages may show a meeting: whoever frames it can command it.
add_header Content-Security-Policy "frame-ancestors 'self' {bridge}" always;

# What the page includes last in its head.
location = /plugin.head.html {{
    default_type text/html;
    return 200 '<script type="module" src="/oac/oac-meeting.js"></script>';
}}

# Files alone: Prosody's own /oac is for this machine and is not passed on.
location ^~ /oac/ {{
    alias {web}/;
    add_header Content-Security-Policy "frame-ancestors 'self' {bridge}" always;
    add_header Cache-Control "no-cache" always;
    add_header X-Content-Type-Options "nosniff" always;
}}"""

_LOGS = """\
access_log {access} oac_redacted;
# nginx writes whole requests, tokens included, into lower levels of its error log.
error_log {error} crit;"""


def prosody_lines(server: Server) -> str:
    """Return Prosody's lines: tokens are required, and our module knows its bridge."""
    return _PROSODY.format(
        secrets=SECRETS_FILE,
        domain=server.domain,
        rooms=server.rooms,
        app_id=server.app_id,
        events_url=server.events_url or server.bridge + EVENTS_PATH,
    )


def meet_lines() -> str:
    """Return the lines for the web page: nobody else is asked, nothing is kept."""
    return _MEET


def jicofo_lines() -> str:
    """Return the lines for jicofo: who moderates is what the token says."""
    return _JICOFO


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
    return _LOG_FORMAT


def site_lines(server: Server) -> str:
    """Return the lines inside nginx's server block of the meeting host."""
    return _SITE.format(bridge=server.bridge, web=WEB_DIR)


def log_lines(access: str = "/var/log/nginx/access.log", error: str = "") -> str:
    """Return the lines inside a server block that send its logs, without tokens, to ``access``."""
    return _LOGS.format(access=access, error=error or "/var/log/nginx/error.log")


def secret_lines(values: dict[str, str]) -> str:
    """Return the file of secrets: assignments that are Lua and TOML at once."""
    return "".join(f'{name} = "{values[name]}"\n' for name in SECRET_NAMES)
