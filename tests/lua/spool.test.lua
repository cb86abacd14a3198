-- The spool on a real disk, in plain Lua.

local story = require "story"
local spool = story.part("spool")
local tell, same = story.tell, story.same

local function fresh()
    local path = os.tmpname()
    os.remove(path)
    return path
end

local boots = 0

local function open(path, most, machine)
    return assert(spool.open(path, function()
        boots = boots + 1
        return "boot-" .. boots
    end, most or 100, machine))
end

local function event(kind, nick, room)
    return {
        type = kind, room = room or "oac-a", at = "2026-11-24T09:00:00.000Z", nick = nick,
        person = nick and "p-" .. nick, role = nick and "participant",
    }
end

local function numbers(one, most)
    local found = {}
    for _, each in ipairs(one:first(most or 1000)) do
        found[#found + 1] = each.number
    end
    return table.concat(found, " ")
end

local function content(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read("a")
end

local function write(path, text)
    local file <close> = assert(io.open(path, "wb"))
    file:write(text)
end

local function lines_of(path)
    local count = 0
    for _ in io.lines(path) do
        count = count + 1
    end
    return count
end

tell("what was added is there after opening again, in order, until it is taken", function()
    local path = fresh()
    local one = open(path)
    for _ = 1, 3 do
        one:add(event("room:opened"))
    end
    one:took(1)
    one:close()
    local other = open(path)
    same(other.boot, one.boot)
    same(numbers(other), "2 3")
    other:add(event("room:closed"))
    same(numbers(other), "2 3 4")
    same(numbers(other, 2), "2 3")
    other:took(4)
    other:close()
    local third = open(path)
    same(third:count(), 0)
    same(third:add(event("room:opened")), 5)
    os.remove(path)
end)

tell("every field survives, whatever is in it", function()
    local path = fresh()
    local one = open(path)
    local odd = event("occupant:refused", "ni\tck %41 ñ €")
    odd.reason = "a\nb\r\0c%"
    odd.person = ""
    odd.role = nil
    one:add(odd)
    one:close()
    local got = open(path):first(1)[1]
    same(got.nick, odd.nick)
    same(got.reason, odd.reason)
    same(got.person, "")
    same(got.role, nil)
    os.remove(path)
end)

tell("a line that was cut off is no fact, wherever it was cut", function()
    local path = fresh()
    local one = open(path)
    one:add(event("occupant:joined", "n1"))
    local whole = content(path)
    one:add(event("occupant:joined", "n2"))
    one:close()
    local both = content(path)
    same(both:sub(1, #whole) == whole, true)
    for length = #whole, #both - 2 do
        local file = assert(io.open(path, "wb"))
        file:write(both:sub(1, length))
        file:close()
        one = open(path)
        same(numbers(one), "1")
        -- The number was never sent: it is free again.
        same(one:add(event("occupant:left", "n1")), 2)
        one:close()
        same(numbers(open(path)), "1 2")
    end
    os.remove(path)
end)

tell("who is inside is known without the events that said so", function()
    local path = fresh()
    local one = open(path)
    one:add(event("room:opened"))
    one:add(event("occupant:joined", "n1"))
    one:add(event("occupant:joined", "n2"))
    one:add(event("occupant:left", "n1"))
    one:add(event("room:opened", nil, "oac-b"))
    one:add(event("room:closed", nil, "oac-b"))
    one:took(6)
    one:close()
    for _ = 1, 3 do
        one = open(path)
        same(one:count(), 0)
        same(one.inside["oac-a"].n1, nil)
        same(one.inside["oac-a"].n2.person, "p-n2")
        same(one.inside["oac-b"], nil)
        one:close()
    end
    os.remove(path)
end)

tell("the bound drops the oldest and says how many", function()
    local path = fresh()
    local one = open(path, 3)
    for number = 1, 3 do
        local _, gone = one:add(event("room:opened"))
        same(gone, 0)
        same(one:count(), number)
    end
    local number, gone = one:add(event("room:opened"))
    same(number, 4)
    same(gone, 1)
    same(numbers(one), "2 3 4")
    one:close()
    same(numbers(open(path, 3)), "2 3 4")
    os.remove(path)
end)

tell("the file does not grow with what was taken", function()
    local path = fresh()
    local one = open(path)
    one:add(event("occupant:joined", "here", "oac-b"))
    for _ = 1, 5000 do
        one:took(one:add(event("room:opened")))
    end
    one:close()
    same(lines_of(path) < 2100, true)
    one = open(path)
    same(one:add(event("room:closed")), 5002)
    same(one.inside["oac-b"].here.person, "p-here")
    same(lines_of(path) < 10, true)
    os.remove(path)
end)

local function fill_disk(one)
    one.file:close()
    one.file = assert(io.open("/dev/full", "wb"))
end

tell("a full disk loses nothing that is in memory, and is known", function()
    local path = fresh()
    local one = open(path)
    fill_disk(one)
    one:add(event("room:opened"))
    same(one:count(), 1)
    same(one.problem:sub(1, 18), "cannot be written:")
    os.remove(path)
end)

tell("what is told from memory has no number that the disk gives out again", function()
    local path = fresh()
    local one = open(path)
    one:took(one:add(event("room:opened")))
    local boot = one.boot
    fill_disk(one)
    one:add(event("occupant:joined", "n1"))
    local other = one.boot
    same(other ~= boot, true)
    one:took(one:add(event("occupant:left", "n1")))
    same(one.boot, other)
    one:close()
    -- A start while the disk is full goes on with what is there, by its old name.
    one = open(path)
    same(one.boot, boot)
    same(one.last, 1)
    one:close()
    os.remove(path)
end)

tell("with room on the disk again everything is on it", function()
    local path = fresh()
    local one = open(path)
    one:took(one:add(event("room:opened")))
    fill_disk(one)
    one:add(event("occupant:joined", "n1"))
    one.file:close()
    one.file = assert(io.open(path, "ab"))
    one:add(event("occupant:joined", "n2"))
    same(one.problem, nil)
    one:add(event("occupant:joined", "n3"))
    local boot, all = one.boot, numbers(one)
    one:close()
    one = open(path)
    same(one.boot, boot)
    same(numbers(one), all)
    same(one.inside["oac-a"].n1.person, "p-n1")
    one:close()
    os.remove(path)
end)

tell("a power cut gives no number out twice, and another start none away", function()
    local path = fresh()
    local one = open(path, 100, "monday")
    one:took(one:add(event("room:opened")))
    local kept = content(path)
    one:took(one:add(event("room:closed")))
    one:close()
    write(path, kept)
    local other = open(path, 100, "tuesday")
    same(other.boot, one.boot)
    local number = other:add(event("room:opened"))
    same(number > 2, true)
    other:close()
    -- Numbers that were left out stay so, with events that wait and without.
    for _ = 1, 2 do
        other = open(path, 100, "tuesday")
        same(other.last, number)
        same(numbers(other), tostring(number))
        other:close()
    end
    other = open(path, 100, "wednesday")
    other:took(number)
    local last = other.last
    same(last > number, true)
    other:close()
    same(open(path, 100, "wednesday").last, last)
    os.remove(path)
end)

tell("a place that cannot be written is refused at the opening", function()
    local one, problem = spool.open("/nowhere/spool", function()
        return "b"
    end, 10)
    same(one, nil)
    same(problem:find("/nowhere/spool", 1, true) ~= nil, true)
end)

tell("rubbish is a new spool", function()
    local path = fresh()
    local file = assert(io.open(path, "wb"))
    file:write("add\t1\troom:opened\toac-a\t%\t%\t%\t%\t%\t.\nboot\n\0\255\t\t.\n")
    file:close()
    local one = open(path)
    same(one:count(), 0)
    same(one:add(event("room:opened")), 1)
    os.remove(path)
end)
