-- What the stories of the spool share: spools on a real disk, and what is in them.

local story = require "story"

local spools = { spool = story.part("spool")(story.part("lines")) }

function spools.fresh()
    local path = os.tmpname()
    os.remove(path)
    return path
end

local boots = 0

function spools.open(path, most, machine)
    return assert(spools.spool.open(path, function()
        boots = boots + 1
        return "boot-" .. boots
    end, most or 100, machine))
end

function spools.event(kind, nick, room)
    return {
        type = kind, room = room or "oac-a", at = "2026-11-24T09:00:00.000Z", nick = nick,
        person = nick and "p-" .. nick, role = nick and "participant",
    }
end

function spools.numbers(one, most)
    local found = {}
    for _, each in ipairs(one:first(most or 1000)) do
        found[#found + 1] = each.number
    end
    return table.concat(found, " ")
end

function spools.content(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read("a")
end

function spools.write(path, text)
    local file <close> = assert(io.open(path, "wb"))
    file:write(text)
end

return spools
