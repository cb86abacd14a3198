-- Lets into a visit's room only whom the bridge gave a token for it, gives power over it to nobody
-- but the clerk, tells the bridge who is there, and does what the bridge orders.
--
-- Loaded on the component of the rooms ("muc"). Rooms whose name does not begin with "oac-" are not
-- touched. Options, wire and log: docs/meeting-server.md.

local jid_split = require "util.jid".split
local jid_bare = require "util.jid".bare
local jid_resource = require "util.jid".resource
local uuid = require "util.uuid".generate
local null = require "util.json".null

local settings = module:require "settings"()
if not settings then
    return
end
local policy = module:require "policy"
local muc = module:depends "muc"
module:depends "http"

-- Name this start of the computer, where it can be known.
local function machine()
    local file = io.open("/proc/sys/kernel/random/boot_id", "r")
    local name = file and file:read("l")
    if file then
        file:close()
    end
    return name
end

local spool, problem = module:require "spool"(module:require "lines").open(
    settings.spool_file, uuid, settings.spool_most, machine())
if not spool then
    module:log("error", "Not loaded: the spool %s: %s", settings.spool_file, tostring(problem))
    module:set_status("error", "the spool cannot be written")
    return
end
local post = module:require "post" {
    url = settings.events_url,
    secret = settings.events_secret,
    server = settings.domain,
    spool = spool,
}

-- Before other modules: one that takes a ghost's place for somebody who comes back sends the ghost
-- out within the joining, and the person never was away.
local FIRST = 150

-- They survive a reloading of this module. seats: room → bare JID → what a token gave.
local seats = module:shared "seats"
local life = module:shared "life"
-- In-room JID → why the bridge sends somebody out.
local leaving = {}

local function ours(jid)
    local node = jid_split(jid)
    return policy.is_ours(node) and node or nil
end

local function is_helper(jid)
    return settings.helpers:contains(jid_bare(jid))
end

-- An event of a room; who is nil where it is about nobody.
local function fact(kind, node, who, reason)
    who = who or {}
    return {
        type = kind, room = node, nick = who.nick, person = who.person, role = who.role,
        reason = policy.brief(reason),
    }
end

local function tell_left(node, known, reason)
    post:events(fact("occupant:left", node, known, reason))
end

local function tell_closed(node, reason)
    local facts = {}
    for _, known in pairs(spool.inside[node]) do
        facts[#facts + 1] = fact("occupant:left", node, known, reason)
    end
    facts[#facts + 1] = fact("room:closed", node, nil, reason)
    post:events(table.unpack(facts))
    seats[node] = nil
end

module:hook("muc-occupant-joined", function(event)
    local node = ours(event.room.jid)
    local seat = node and seats[node] and seats[node][event.occupant.bare_jid]
    if not seat then
        return
    end
    local joined = fact("occupant:joined", node, {
        nick = jid_resource(event.nick), person = seat.person, role = policy.role_of(seat),
    })
    if spool.inside[node] then
        post:events(joined)
    else
        post:events(fact("room:opened", node), joined)
    end
end, FIRST)

module:hook("muc-room-created", function(event)
    local node = ours(event.room.jid)
    if node and policy.is_sound(node) and not spool.inside[node] then
        post:events(fact("room:opened", node))
    end
end, FIRST)

module:hook("muc-occupant-left", function(event)
    local node, nick = ours(event.room.jid), jid_resource(event.nick)
    local known = node and spool.inside[node] and spool.inside[node][nick]
    if known then
        local ending = event.room.destroying
        tell_left(node, known, leaving[event.nick] or type(ending) == "string" and ending or nil)
    end
end, FIRST)

module:hook("muc-room-destroyed", function(event)
    local node = ours(event.room.jid)
    if node and spool.inside[node] then
        tell_closed(node, event.reason)
    end
end, FIRST)

local door = module:require "door" {
    host = settings.host,
    check = module:require "token"(settings),
    seats = seats,
    barred = module:shared "barred",
    ours = ours,
    is_helper = is_helper,
    tell_refused = function(node, who, reason)
        post:events(fact("occupant:refused", node, who, reason))
    end,
}

local rooms = module:require "rooms" {
    muc = muc, inside = spool.inside, leaving = leaving, bar = door.bar,
}

local function status()
    local count = 0
    for _ in pairs(spool.inside) do
        count = count + 1
    end
    return {
        module = policy.version,
        prosody = prosody.version,
        server = settings.domain,
        time = os.time(),
        rooms = count,
        spool = spool:count(),
        oldest_s = post:oldest_s() or null,
        last_error = spool.problem or post.last_error or null,
    }
end

-- On every name of this server: the bridge asks for 127.0.0.1.
local everywhere = module:context "*"
local app = {
    name = "oac",
    default_path = "/oac",
    cors = { enabled = false },
    route = module:require "control" {
        secret = settings.control_secret, from = settings.control_from, rooms = rooms, status = status,
        key_id = settings.key_id, public_key = settings.public_key,
    },
}
everywhere:provides("http", app)

-- Whoever the spool knows of and who is not here any more went while nobody looked.
for node, nicks in pairs(spool.inside) do
    local room = life.began and rooms.find(node)
    if not room then
        tell_closed(node, "server-restarted")
    else
        for nick, known in pairs(nicks) do
            if not room:get_occupant_by_nick(room.jid .. "/" .. nick) then
                tell_left(node, known, "server-restarted")
            end
        end
    end
end
life.began = true
post:wake()
module:log("info", "Version %s guards rooms oac-… of %s; spool %s, %d waiting", policy.version,
    settings.domain, spool.boot, spool:count())

-- It holds back the presence of everybody who does not become moderator: a citizen would wait for ever.
module:add_timer(0, function()
    if prosody.hosts[module.host].modules.muc_allowners then
        module:log("error", "muc_allowners is loaded: nobody but the clerk gets in; please take it out")
    end
end)

function module.unload()
    everywhere:remove_item("http-provider", app)
    post:stop()
end
