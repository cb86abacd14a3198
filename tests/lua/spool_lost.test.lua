-- The spool on a disk that is full, and after a power cut, in plain Lua.

local story = require "story"
local spools = require "spools"
local tell, same = story.tell, story.same
local fresh, open, event, numbers = spools.fresh, spools.open, spools.event, spools.numbers
local content = spools.content
local write = spools.write

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
