-- Stands in for jicofo: opens a room when a page asks for one, and makes its first guest the owner
-- where the tests want a server that is set up that way.

local st = require "util.stanza"

local ROOMS = "conference." .. (module.host:gsub("^focus%.", ""))
local FOCUS = "http://jitsi.org/protocol/focus"

module:hook("iq-set/host/" .. FOCUS .. ":conference", function(event)
    local room = event.stanza.tags[1].attr.room
    local muc = prosody.hosts[ROOMS].modules.muc
    if not muc.get_room_from_jid(room) then
        muc.create_room(room)
    end
    event.origin.send(st.reply(event.stanza):tag("conference", { xmlns = FOCUS, ready = "true" }))
    return true
end)

local function crown_the_first(event)
    if not next(event.room._affiliations) then
        event.room:set_affiliation(true, event.occupant.bare_jid, "owner")
    end
end

if module:get_option_boolean("trial_auto_owner", false) then
    -- Hosts start in any order: only now are the rooms there for sure.
    module:hook_global("server-started", function()
        module:context(ROOMS):hook("muc-occupant-joined", crown_the_first)
    end)
end
