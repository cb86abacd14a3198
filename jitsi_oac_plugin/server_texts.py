"""What a Jitsi Meet server has to be told, as the lines of its own configuration files."""

from __future__ import annotations

_PROSODY = """\
VirtualHost "{domain}"
    authentication = "token"
    app_id = "{app_id}"
    app_secret = "<the same secret as meeting.app_secret of the bridge>"
    allow_empty_token = false
    asap_require_room_claim = true
    asap_accepted_audiences = {{ "jitsi" }}
    asap_accepted_issuers = {{ "{app_id}" }}
    enable_domain_verification = true

Component "conference.{domain}" "muc"
    restrict_room_creation = true
    -- add these two to the list that is there:
    modules_enabled = {{ "token_verification", "token_affiliation" }}"""

# Without this jicofo makes whoever comes first a moderator: the citizen, if the clerk is late.
_JICOFO = "jicofo.conference.enable-auto-owner = false"

_MEET = """\
config.disableThirdPartyRequests = true;
config.prejoinConfig = { enabled: false };
config.enableClosePage = false;
config.analytics = { disabled: true };
config.gravatar = { disabled: true };
config.welcomePage = { disabled: true };
config.doNotStoreRoom = true;"""


def prosody_lines(domain: str, app_id: str) -> str:
    """Return the lines for Prosody: tokens are required, and let into their own room alone."""
    return _PROSODY.format(domain=domain, app_id=app_id)


def meet_lines() -> str:
    """Return the lines for the web page: nobody else is asked, nothing is kept."""
    return _MEET


def jicofo_lines() -> str:
    """Return the lines for jicofo: who moderates is what the token says."""
    return _JICOFO
