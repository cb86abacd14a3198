-- Who comes into our rooms, and who gets power over them.

local jid_bare = require "util.jid".bare
local jid_resource = require "util.jid".resource
local urldecode = require "util.http".urldecode
local st = require "util.stanza"

local policy = module:require "policy"

local REFUSALS_A_MINUTE = 120
-- Before all others: what Jitsi's modules refuse at 99 would have no reason in our words.
local FIRST, LAST = 150, -100

-- Jitsi's page puts its token, and the room that it wants, into the address that it connects to.
-- It is read when somebody comes to a room of ours; most of a server's people do not.
local function keep_query(event)
    event.session.oac_query = event.request.url and event.request.url.query
end

local function asked(session, name)
    local query = session.oac_query
    return query and urldecode(("&" .. query):match("^.*&" .. name .. "=([^&]*)"))
end

-- options: host (where people sign in), check(token, room, now), seats, barred (room → person or "*" → since when), ours(jid),
-- is_helper(jid), tell_refused(room, who, reason). Return bar(room, person).
return function(options)
    local check, seats, barred = options.check, options.seats, options.barred
    local ours, is_helper = options.ours, options.is_helper
    local admitted = setmetatable({}, { __mode = "k" })
    local may_tell = policy.limiter(REFUSALS_A_MINUTE)

    local function seat_of(node, jid)
        return seats[node] and seats[node][jid_bare(jid)]
    end

    local function tell_refused(node, reason, word, seat, nick)
        local is_told, is_last = may_tell(os.time())
        if is_told then
            module:log("info", "Refused in %s: %s (%s)%s", node, reason, word,
                seat and " for " .. seat.person or "")
            if policy.is_sound(node) then
                options.tell_refused(node, seat and {
                    nick = nick, person = seat.person, role = policy.role_of(seat),
                }, reason)
            end
        elseif is_last then
            module:log("warn", "%d refusals in a minute: of more nothing is told", REFUSALS_A_MINUTE)
        end
    end

    local function refuse(event, node, reason, word, seat)
        local stanza = event.stanza
        tell_refused(node, reason, word, seat, jid_resource(stanza.attr.to))
        event.origin.send(st.error_reply(stanza, "cancel", "not-allowed", "Not let in: " .. reason))
        return true
    end

    -- Jitsi's own token authentication refuses most at the connection already, where nobody has a
    -- nick yet: the bridge hears of it all the same.
    local function overhear(event)
        local room = asked(event.session, "room")
        local node = room and room:lower()
        if policy.is_ours(node) then
            local seat, reason, word = check(asked(event.session, "token"), node, os.time())
            tell_refused(node, seat and "token-unsound" or reason, word or "sign-in")
        end
    end

    local function overhear_at(host)
        if host == options.host then
            module:context(host):hook("authentication-failure", overhear)
        end
    end

    local function admit(event)
        local stanza, origin = event.stanza, event.origin
        local node = ours(stanza.attr.to)
        if not node or is_helper(stanza.attr.from) then
            return
        end
        if admitted[stanza] == node then
            -- Whoever opens a room passes here twice with the same words.
            return
        end
        local token = origin.auth_token or asked(origin, "token")
        local seat, reason, word, known = check(token, node, os.time())
        if not seat then
            return refuse(event, node, reason, word, known)
        elseif policy.is_barred(seat, barred[node]) then
            return refuse(event, node, "token-expired", "ended", seat)
        end
        seats[node] = seats[node] or {}
        seats[node][jid_bare(stanza.attr.from)] = seat
        admitted[stanza] = node
    end

    local function seat_down(event)
        local node, jid = ours(event.room.jid), jid_bare(event.stanza.attr.from)
        if not node or is_helper(jid) then
            return
        end
        if admit(event) then
            return true
        end
        local affiliation = event.room:get_affiliation(jid)
        if seat_of(node, jid).is_clerk then
            if affiliation ~= "owner" then
                event.room:set_affiliation(true, jid, "owner")
            end
            event.occupant.role = "moderator"
        elseif not policy.may_have(affiliation, nil, false) then
            event.room:set_affiliation(true, jid, "none")
            event.occupant.role = "participant"
        end
    end

    -- An owner, jicofo, or another module: whoever gives power, it is for the clerk alone.
    local function guard_affiliation(event)
        local node = ours(event.room.jid)
        if node and not policy.may_have(event.affiliation, seat_of(node, event.jid), is_helper(event.jid)) then
            module:log("info", "Nobody but the clerk gets %s in %s", event.affiliation, node)
            event.allowed = false
        end
    end

    local function guard_role(event)
        local node, jid = ours(event.room.jid), event.occupant.bare_jid
        if node and not policy.may_play(event.role, seat_of(node, jid), is_helper(jid)) then
            module:log("info", "Nobody but the clerk gets to be %s in %s", event.role, node)
            event.allowed, event.error, event.condition = false, "cancel", "not-allowed"
        end
    end

    local function guard_outcome(event)
        local node = ours(event.room.jid)
        local seat = node and seat_of(node, event.occupant.bare_jid)
        local now = seat and event.room:get_occupant_by_nick(event.nick)
        if now and not policy.may_play(now.role, seat, false) then
            module:log("warn", "Another module made somebody moderator in %s: undone", node)
            event.room:set_role(true, event.nick, "participant")
        end
    end

    -- One name for the whole stay: the bridge and the pages know people in a room by it.
    local function guard_name(event)
        local is_new = event.orig_occupant.nick ~= event.dest_occupant.nick
        if is_new and ours(event.room.jid) and not is_helper(event.stanza.attr.from) then
            event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "Names stay"))
            return true
        end
    end

    module:hook_global("websocket-session", keep_query)
    module:hook_global("bosh-session", keep_query)
    module:hook_global("host-activated", overhear_at)
    if prosody.hosts[options.host] then
        overhear_at(options.host)
    end
    module:hook("muc-room-pre-create", admit, FIRST)
    module:hook("muc-occupant-pre-join", seat_down, FIRST)
    module:hook("muc-pre-set-affiliation", guard_affiliation, FIRST)
    module:hook("muc-pre-set-role", guard_role, FIRST)
    module:hook("muc-occupant-pre-change", guard_name, FIRST)
    module:hook("muc-occupant-joined", guard_outcome, LAST)

    local function bar(node, person)
        local now = os.time()
        for other, since in pairs(barred) do
            if policy.is_forgotten(since, now) then
                barred[other] = nil
            end
        end
        barred[node] = barred[node] or {}
        barred[node][person] = now
    end

    return { bar = bar }
end
