-- What the bridge may do with its rooms.

local jid_split = require "util.jid".split

local policy = module:require "policy"

-- options: muc, inside (room → nick → who), leaving (in-room JID → reason), bar(room, person).
return function(options)
    local rooms = {}

    function rooms.find(node)
        return policy.is_ours(node) and options.muc.get_room_from_jid(node .. "@" .. module.host) or nil
    end

    -- Return who is there, in the order of their coming.
    function rooms.occupants(node)
        local found = {}
        for _, known in pairs(options.inside[node] or {}) do
            found[#found + 1] = known
        end
        table.sort(found, function(one, other)
            return one.at < other.at
        end)
        return found
    end

    -- Send somebody out; tokens that they have do not let them in again.
    function rooms.remove(room, nick, reason)
        local place = room.jid .. "/" .. nick
        local node = jid_split(room.jid)
        local known = options.inside[node] and options.inside[node][nick]
        if not known then
            return false
        end
        options.bar(node, known.person)
        options.leaving[place] = reason
        local removed = room:set_role(true, place, nil, reason)
        options.leaving[place] = nil
        return removed
    end

    -- Send everybody out; return whether anybody was there. Tokens that were made before do not
    -- open the room again, though it is gone already.
    function rooms.close(node, reason)
        options.bar(node, "*")
        local room = rooms.find(node)
        return room and room:destroy(nil, reason)
    end

    return rooms
end
