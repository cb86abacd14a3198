-- Posts the spool's events to the bridge: signed, in order, one batch at a time, until it has them.

local http = require "net.http"
local json = require "util.json"
local hashes = require "util.hashes"
local random = require "util.random"
local to_hex = require "util.hex".to
local now = require "util.time".now

local policy = module:require "policy"

local BATCH = 100
-- Events of one moment travel together, and no join waits for a post.
local PAUSE_S = 0.02
local ANSWER_S = 15

local function iso(moment)
    local whole = math.floor(moment)
    return os.date("!%Y-%m-%dT%H:%M:%S", whole) .. (".%03dZ"):format((moment - whole) * 1000 // 1)
end

local function shape(event)
    local occupant = json.null
    if event.nick then
        occupant = { nick = event.nick, person = event.person or "", role = event.role }
    end
    return {
        number = event.number,
        type = event.type,
        room = event.room,
        at = event.at,
        occupant = occupant,
        reason = event.reason or json.null,
    }
end

local post = {}
post.__index = post

function post:_body(events)
    local shapes = {}
    for i, event in ipairs(events) do
        shapes[i] = json.encode(shape(event))
    end
    return ('{"version":1,"server":%s,"boot":%s,"events":[%s]}'):format(
        json.encode(self.server), json.encode(self.spool.boot), table.concat(shapes, ","))
end

function post:_headers(body)
    local timestamp = tostring(os.time())
    local nonce = to_hex(random.bytes(16))
    local signed = timestamp .. "." .. nonce .. "." .. body
    return {
        ["Content-Type"] = "application/json",
        ["OAC-Timestamp"] = timestamp,
        ["OAC-Nonce"] = nonce,
        ["OAC-Signature"] = "v1=" .. hashes.hmac_sha256(self.secret, signed, true),
    }
end

function post:_later(seconds)
    if self.timer then
        self.timer:stop()
    end
    self.timer = module:add_timer(seconds, function()
        self.timer = nil
        self:_send()
    end)
end

-- A fault is logged when it comes and when it goes, not with every try.
function post:_failed(problem)
    self.failures = self.failures + 1
    if self.last_error ~= problem then
        module:log("warn", "The bridge does not take events: %s; %d wait", problem, self.spool:count())
    end
    self.last_error = problem
    self:_later(policy.wait_s(self.failures))
end

function post:_answered(events, status, text)
    local last = events[#events].number
    local outcome = policy.outcome(status, #events)
    if outcome == "again" then
        local problem = status == 0 and tostring(text) or ("it answers %d"):format(status)
        return self:_failed(problem)
    elseif outcome == "fewer" then
        self.most = #events // 2
        return self:_later(0)
    end
    if outcome == "lost" then
        module:log("error", "The bridge cannot understand events %d to %d: they are dropped",
            events[1].number, last)
        self.last_error = "events were not understood"
    elseif self.last_error then
        module:log("info", "The bridge takes events again")
        self.last_error = nil
    end
    self.failures, self.most = 0, BATCH
    self.spool:took(last)
    if self.spool:count() > 0 then
        self:_later(0)
    end
end

function post:_send()
    local events = self.spool:first(self.most)
    if self.stopped or self.request or #events == 0 then
        return
    end
    local body = self:_body(events)
    local turn = {}
    self.request = turn
    local function finish(text, status)
        -- An answer that comes after its time belongs to no turn.
        if self.request == turn and not self.stopped then
            self.request = nil
            turn.clock:stop()
            self:_answered(events, math.tointeger(tonumber(status)) or 0, text)
        end
    end
    turn.clock = module:add_timer(ANSWER_S, function()
        if self.request == turn then
            if turn.handle then
                http.destroy_request(turn.handle)
            end
            finish("no answer in time", 0)
        end
    end)
    local options = { method = "POST", headers = self:_headers(body), body = body }
    turn.handle = http.request(self.url, options, finish)
end

-- Add events of one moment; they are on disk when this returns, and on their way soon after.
function post:events(...)
    local at = iso(now())
    for _, event in ipairs { ... } do
        event.at = at
    end
    local _, gone = self.spool:add(...)
    if gone > 0 then
        module:log("error", "Too many events wait for the bridge: the oldest %d are dropped", gone)
    end
    if self.spool.problem and self.spool.problem ~= self.told then
        module:log("error", "The spool %s %s; events are kept in memory", self.spool.path,
            self.spool.problem)
    end
    self.told = self.spool.problem
    self:wake()
end

-- Send what waits, unless a try is under way or has its time.
function post:wake()
    if not self.timer and not self.request and self.spool:count() > 0 then
        self:_later(PAUSE_S)
    end
end

-- Return the age in seconds of the oldest event that waits.
function post:oldest_s()
    local oldest = self.spool:first(1)[1]
    if not oldest then
        return nil
    end
    local year, month, day, hour, min, sec = oldest.at:match("(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
    local then_utc = os.time({ year = year, month = month, day = day, hour = hour, min = min, sec = sec })
    -- os.time reads local time: the same detour for now takes the difference out again.
    return math.max(0, os.time(os.date("!*t")) - then_utc)
end

function post:stop()
    self.stopped = true
    self.spool:close()
end

-- options: url, secret, server, spool.
return function(options)
    return setmetatable({
        url = options.url, secret = options.secret, server = options.server,
        spool = options.spool, failures = 0, most = BATCH,
    }, post)
end
