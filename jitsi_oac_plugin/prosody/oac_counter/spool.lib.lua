-- Keeps events in order on disk until the bridge has them, and who is in which room: after a crash
-- nobody else could tell that they are gone. Plain Lua.
--
-- One line a fact, fields apart by tabs: "boot <id> <last number> <start of the machine>",
-- "in <event>" (who was there at the last tidying), "add <number> <event>", "took <number>". A line
-- that was cut off is no fact.

local TIDY_LINES = 2000
-- More events than a power cut can have taken from the disk after the bridge was told of them.
local MOST_LOST = 1000000

-- As lines.lib.lua writes and reads them.
local line_of, packed, unpacked

local spool = {}
spool.__index = spool

function spool:_follow(event)
    local inside = self.inside
    if event.type == "room:opened" then
        inside[event.room] = inside[event.room] or {}
    elseif event.type == "room:closed" then
        inside[event.room] = nil
    elseif event.type == "occupant:joined" then
        inside[event.room] = inside[event.room] or {}
        inside[event.room][event.nick] = event
    elseif event.type == "occupant:left" and inside[event.room] then
        inside[event.room][event.nick] = nil
    end
end

function spool:_read(file)
    for line in file:lines() do
        local fields = {}
        for field in line:gmatch("([^\t]*)\t") do
            fields[#fields + 1] = field
        end
        local word, number = fields[1], math.tointeger(tonumber(fields[2]))
        local event = word == "in" and unpacked(fields, 2) or word == "add" and unpacked(fields, 3)
        if line:sub(-2) ~= "\t." then
            word = "cut off"
        end
        if word == "boot" then
            self.boot, self.last = fields[2], math.tointeger(tonumber(fields[3])) or 0
            self.machine = fields[4]
        elseif word == "in" and event then
            self:_follow(event)
        elseif word == "add" and event and number then
            self:_put(number, event)
        elseif word == "took" and number then
            self:_drop(number)
        end
    end
end

function spool:_put(number, event)
    event.number = number
    self.last = number
    self.tail = self.tail + 1
    self.waiting[self.tail] = event
    self:_follow(event)
end

function spool:_drop(number)
    while self.head < self.tail and self.waiting[self.head + 1].number <= number do
        self.head = self.head + 1
        self.waiting[self.head] = nil
    end
end

-- Write everything that still matters into a new file, and put it in the old one's place.
function spool:_tidy()
    local temporary = self.path .. ".new"
    local file, problem = io.open(temporary, "wb")
    if not file then
        return nil, problem
    end
    local ok, fault = true, nil
    local function put(...)
        if ok then
            ok, fault = file:write(line_of(...))
        end
    end
    local before = self.head < self.tail and self.waiting[self.head + 1].number - 1 or self.last
    put("boot", self.boot, tostring(before), self.machine)
    -- As it is now, though events follow: reading those again changes nothing of it.
    for room, nicks in pairs(self.inside) do
        put("in", packed({ type = "room:opened", room = room }))
        for _, event in pairs(nicks) do
            put("in", packed(event))
        end
    end
    for i = self.head + 1, self.tail do
        put("add", tostring(self.waiting[i].number), packed(self.waiting[i]))
    end
    -- Numbers that were left out stay so, whatever still waits.
    put("boot", self.boot, tostring(self.last), self.machine)
    local written, why = file:close()
    if not (ok and written) then
        return nil, fault or why
    end
    self:close()
    local moved, reason = os.rename(temporary, self.path)
    self.file, self.lines = io.open(self.path, "ab"), 0
    return moved and self.file ~= nil, reason
end

function spool:_write(lines)
    self.lines = self.lines + #lines
    local ok, problem = nil, "not open"
    if self.file then
        ok, problem = self.file:write(table.concat(lines))
        ok = ok and self.file:flush()
    end
    if ok and self.problem then
        -- Nothing is on disk of what was told meanwhile, and half a line may be.
        ok, problem = self:_tidy()
    end
    if not ok and not self.problem then
        -- What is told from memory may have no number that the disk gives out once more.
        self.boot = self.new_boot()
    end
    self.problem = not ok and ("cannot be written: " .. tostring(problem)) or nil
end

-- Add events of one moment, in one writing; return the last one's number, and how many of the oldest
-- had to go because there are too many.
function spool:add(...)
    local lines = {}
    for i, event in ipairs { ... } do
        self:_put(self.last + 1, event)
        lines[i] = line_of("add", tostring(event.number), packed(event))
    end
    self:_write(lines)
    local gone = self:count() - self.most
    if gone > 0 then
        self:took(self.waiting[self.head + gone].number)
    end
    return self.last, math.max(0, gone)
end

-- The bridge has everything up to this number.
function spool:took(number)
    self:_drop(number)
    self:_write { line_of("took", tostring(number)) }
    if self.lines >= TIDY_LINES and self:count() < self.lines // 2 then
        self:_tidy()
    end
end

function spool:count()
    return self.tail - self.head
end

-- Return the oldest events, at most so many.
function spool:first(most)
    local events = {}
    for i = self.head + 1, math.min(self.tail, self.head + most) do
        events[#events + 1] = self.waiting[i]
    end
    return events
end

function spool:close()
    if self.file then
        self.file:close()
        self.file = nil
    end
end

-- Open the spool at a path. new_boot() names a new one; most is how many events it holds; machine
-- names this start of the computer: of an earlier one the last lines may not have reached the disk.
function spool.open(path, new_boot, most, machine)
    local self = setmetatable({
        path = path, most = most, new_boot = new_boot,
        last = 0, head = 0, tail = 0, waiting = {}, inside = {}, lines = 0,
    }, spool)
    local file = io.open(path, "rb")
    if file then
        self:_read(file)
        file:close()
    end
    if not self.boot then
        self.boot, self.last = new_boot(), 0
        self.head, self.tail, self.waiting = 0, 0, {}
    elseif self.machine ~= machine then
        self.last = self.last + MOST_LOST
    end
    self.machine = machine
    local ok, problem = self:_tidy()
    return ok and self or nil, problem
end

return function(lines)
    line_of, packed, unpacked = lines.line_of, lines.packed, lines.unpacked
    return spool
end
