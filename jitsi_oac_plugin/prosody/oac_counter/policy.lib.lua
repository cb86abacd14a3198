-- What is decided about rooms, tokens and roles. Plain values in, plain values out: nothing here
-- knows Prosody, so that plain Lua can test all of it.

local policy = { version = "1.0" }

local PREFIX = "oac-"
-- No token of ours is valid for longer.
local REMEMBERED_S = 86400
local MOST_REASON_BYTES = 200
local GIVES_POWER = { owner = true, admin = true }
-- A person's name in events and addresses; Jitsi's own clients never see it.
local PERSON = "^[%w][%w_.:@-]*$"

-- Say whether a room is the bridge's: in all others this module does nothing at all.
function policy.is_ours(node)
    return type(node) == "string" and node:sub(1, #PREFIX) == PREFIX
end

-- Say whether the bridge could have made this name (rooms.py, is_room_name).
function policy.is_sound(node)
    return #node <= 60 and node:find("^[a-z0-9-]+$") ~= nil
        and not node:find("--", 1, true) and not node:find("-$")
end

local function holds(audience, wanted)
    if type(audience) ~= "table" then
        return audience == wanted
    end
    for _, one in ipairs(audience) do
        if one == wanted then
            return true
        end
    end
    return false
end

local function person_of(claims)
    local context = type(claims.context) == "table" and claims.context or {}
    local user = type(context.user) == "table" and context.user or {}
    local oac = type(context.oac) == "table" and context.oac or {}
    if type(user.id) ~= "string" or #user.id > 128 or not user.id:find(PERSON) then
        return nil
    end
    -- Both have to say it: what Jitsi's own modules go by, and what the bridge calls it.
    local is_clerk = user.moderator == true and (oac.role == nil or oac.role == "clerk")
    local issued = type(claims.iat) == "number" and claims.iat or 0
    return { person = user.id, is_clerk = is_clerk, issued = issued }
end

-- Judge the claims of a token that was signed by us. Return the seat it gives: the person and
-- whether it is the clerk; or nil, the reason for the event, a word for the log, and the seat of
-- a person who is known and still not let in.
function policy.judge(claims, expected)
    if type(claims) ~= "table" then
        return nil, "token-unsound", "claims"
    end
    local seat = person_of(claims)
    local function no(reason, word)
        return nil, reason, word, seat
    end
    if claims.iss ~= expected.issuer then
        return no("token-issuer", "iss")
    elseif not holds(claims.aud, expected.audience) then
        return no("token-issuer", "aud")
    elseif claims.sub ~= expected.domain then
        return no("token-subject", "sub")
    elseif claims.room ~= expected.room then
        -- No star and no pattern: a token is for one room.
        return no("token-room", "room")
    elseif type(claims.exp) ~= "number" then
        return no("token-unsound", "exp")
    elseif claims.nbf ~= nil and type(claims.nbf) ~= "number" then
        return no("token-unsound", "nbf")
    elseif expected.now >= claims.exp then
        return no("token-expired", "exp")
    elseif claims.nbf and expected.now < claims.nbf then
        return no("token-early", "nbf")
    elseif not seat then
        return nil, "token-unsound", "context.user.id"
    end
    return seat
end

-- Say whether a seat's token is older than the moment that its person, or everybody, was sent out.
function policy.is_barred(seat, since)
    since = since or {}
    return seat.issued <= math.max(since["*"] or -1, since[seat.person] or -1)
end

-- Say whether no token can be left that is older than all of these moments.
function policy.is_forgotten(since, now)
    for _, moment in pairs(since) do
        if now - moment < REMEMBERED_S then
            return false
        end
    end
    return true
end

-- Say whether somebody may be given an affiliation: power over a room is the clerk's, and the
-- server's own helpers', whoever asks and however.
function policy.may_have(affiliation, seat, is_helper)
    return not GIVES_POWER[affiliation] or is_helper or (seat ~= nil and seat.is_clerk)
end

-- The same for a role.
function policy.may_play(role, seat, is_helper)
    return role ~= "moderator" or is_helper or (seat ~= nil and seat.is_clerk)
end

-- The word for a seat in events.
function policy.role_of(seat)
    return seat.is_clerk and "moderator" or "participant"
end

-- Cut a reason to what is told, never within a character; nothing is no reason.
function policy.brief(reason)
    if type(reason) ~= "string" or reason == "" then
        return nil
    end
    local last = math.min(#reason, MOST_REASON_BYTES)
    while last > 0 and reason:find("^[\128-\191]", last + 1) do
        last = last - 1
    end
    return reason:sub(1, last)
end

-- Seconds to wait before the next try, after so many that failed.
function policy.wait_s(failures)
    return math.min(15, 2 ^ math.max(0, failures - 1))
end

-- Say what a bridge's answer to so many events means: taken, lost (they can never be understood),
-- fewer at a time, or again later.
function policy.outcome(status, count)
    if status >= 200 and status < 300 then
        return "taken"
    elseif status == 413 and count > 1 then
        return "fewer"
    end
    return (status == 400 or status == 413) and "lost" or "again"
end

-- Allow so many things a minute: refusals come from anybody who finds the door.
function policy.limiter(most)
    local minute, count = nil, 0
    return function(now)
        local this = now // 60
        if this ~= minute then
            minute, count = this, 0
        end
        count = count + 1
        return count <= most, count == most + 1
    end
end

return policy
