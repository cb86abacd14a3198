-- Secrets are assignments in a file that only root and Prosody may read.
-- Prosody 13 wants Lua's own functions by that name; 0.12 does not know it.
local lua, secrets = Lua or _G, {}
lua.assert(lua.loadfile("@SECRETS@", "t", secrets))()

oac_app_id = "@APP_ID@"
@OURS@
oac_events_url = "@EVENTS_URL@"
oac_events_secret = secrets.events_secret
oac_control_secret = secrets.control_secret

-- A token is required, and lets into its own room alone.
VirtualHost "@DOMAIN@"
    authentication = "token"
    app_id = "@APP_ID@"
@THEIRS@
    allow_empty_token = false
    asap_require_room_claim = true
    asap_accepted_audiences = { "jitsi" }
    asap_accepted_issuers = { "@APP_ID@" }
    enable_domain_verification = true

Component "@ROOMS@" "muc"
    restrict_room_creation = true
