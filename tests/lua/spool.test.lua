-- The spool on a real disk, in plain Lua.

local story = require "story"
local spools = require "spools"
local tell, same = story.tell, story.same
local fresh, open, event, numbers = spools.fresh, spools.open, spools.event, spools.numbers
local content = spools.content

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

tell("events of one moment are each a fact, wherever their writing was cut off", function()
    local path = fresh()
    local one = open(path)
    local before = #content(path)
    local last, gone = one:add(event("room:opened"), event("occupant:joined", "n1"), event("room:closed"))
    same(last, 3)
    same(gone, 0)
    same(numbers(one), "1 2 3")
    one:close()
    local whole = content(path)
    for length = before, #whole do
        spools.write(path, whole:sub(1, length))
        local _, facts = (whole:sub(before + 1, length) .. "\n"):gsub("\t%.\n", "")
        local again = open(path)
        same(numbers(again), ("1 2 3"):sub(1, math.max(0, 2 * facts - 1)))
        again:close()
    end
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

tell("a place that cannot be written is refused at the opening", function()
    local one, problem = spools.spool.open("/nowhere/spool", function()
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
