-- The module's decisions, in plain Lua.

local story = require "story"
local policy = story.part("policy")
local tell, same = story.tell, story.same

local function claims(changed)
    local plain = {
        iss = "oac", aud = "jitsi", sub = "meet.test", room = "oac-a", iat = 900, nbf = 940, exp = 2000,
        context = { user = { id = "clerk-v1", moderator = true }, oac = { role = "clerk" } },
    }
    for name, value in pairs(changed or {}) do
        plain[name] = value
    end
    return plain
end

local function judged(changed, now)
    local expected = {
        issuer = "oac", audience = "jitsi", domain = "meet.test", room = "oac-a", now = now or 1000,
    }
    return policy.judge(claims(changed), expected)
end

tell("a sound token gives its person a seat", function()
    local seat, reason = judged()
    same(reason, nil)
    same(seat.person, "clerk-v1")
    same(seat.is_clerk, true)
    same(seat.issued, 900)
end)

tell("each claim that is wrong has its reason", function()
    for reason, cases in pairs {
        ["token-issuer"] = { { iss = "x" }, { aud = "x" }, { aud = {} }, { aud = false } },
        ["token-subject"] = { { sub = "*" }, { sub = 1 } },
        ["token-room"] = { { room = "*" }, { room = "oac-b" }, { room = "OAC-A" }, { room = {} } },
        ["token-unsound"] = {
            { exp = "never" }, { exp = false }, { nbf = "x" }, { context = 1 }, { context = {} },
            { context = { user = 1 } }, { context = { user = { id = "" } } },
            { context = { user = { id = ("a"):rep(129) } } }, { context = { user = { id = "a b" } } },
        },
    } do
        for _, changed in ipairs(cases) do
            local seat, got = judged(changed)
            same(seat, nil)
            same(got, reason)
        end
    end
    same(select(2, policy.judge("text", {})), "token-unsound")
end)

tell("a token holds from its nbf on until before its exp", function()
    same(select(2, judged(nil, 939)), "token-early")
    same(judged(nil, 940).person, "clerk-v1")
    same(judged(nil, 1999).person, "clerk-v1")
    same(select(2, judged(nil, 2000)), "token-expired")
end)

tell("only a token of which both words say clerk gives power", function()
    local function is_clerk(user, oac)
        user.id = "x"
        return judged({ context = { user = user, oac = oac } }).is_clerk
    end
    same(is_clerk({ moderator = true }, { role = "clerk" }), true)
    same(is_clerk({ moderator = true }, nil), true)
    same(is_clerk({ moderator = true }, { role = "citizen" }), false)
    same(is_clerk({ moderator = "true" }, { role = "clerk" }), false)
    same(is_clerk({}, { role = "clerk" }), false)
    same(is_clerk({ affiliation = "owner" }, nil), false)
end)

tell("power is for the clerk and the server's helpers, everything else for everybody", function()
    local clerk, citizen = { is_clerk = true }, { is_clerk = false }
    for _, affiliation in ipairs { "owner", "admin" } do
        same(policy.may_have(affiliation, clerk, false), true)
        same(policy.may_have(affiliation, nil, true), true)
        same(policy.may_have(affiliation, citizen, false), false)
        same(policy.may_have(affiliation, nil, false), false)
    end
    for _, affiliation in ipairs { "none", "member", "outcast" } do
        same(policy.may_have(affiliation, nil, false), true)
    end
    same(policy.may_play("moderator", citizen, false), false)
    same(policy.may_play("moderator", clerk, false), true)
    same(policy.may_play("participant", nil, false), true)
end)

tell("a token is barred when it is not newer than the sending out", function()
    local seat = { person = "a", issued = 100 }
    same(policy.is_barred(seat, nil), false)
    same(policy.is_barred(seat, { a = 99 }), false)
    same(policy.is_barred(seat, { a = 100 }), true)
    same(policy.is_barred(seat, { b = 200 }), false)
    same(policy.is_barred(seat, { b = 200, ["*"] = 100 }), true)
    same(policy.is_forgotten({ a = 0 }, 86399), false)
    same(policy.is_forgotten({ a = 0 }, 86400), true)
end)

tell("our rooms are known by their beginning, sound names by their form", function()
    same(policy.is_ours("oac-a"), true)
    for _, node in ipairs { "oac", "xoac-a", "Oac-a", "", false } do
        same(policy.is_ours(node), false)
    end
    for name, is_sound in pairs {
        ["oac-1a"] = true, ["oac-"] = false, ["oac--a"] = false, ["oac-ñ"] = false, ["oac-a b"] = false,
        [("a"):rep(60)] = true, [("a"):rep(61)] = false, ["oac-a\n"] = false,
    } do
        same(policy.is_sound(name), is_sound)
    end
end)

tell("tries come further and further apart, up to fifteen seconds", function()
    local waits = {}
    for failures = 1, 7 do
        waits[failures] = math.tointeger(policy.wait_s(failures))
    end
    same(table.concat(waits, " "), "1 2 4 8 15 15 15")
end)

tell("an answer is taken, lost, too much at a time, or no answer yet", function()
    for status, outcome in pairs {
        [200] = "taken", [204] = "taken", [400] = "lost", [401] = "again", [404] = "again",
        [413] = "fewer", [500] = "again", [302] = "again", [0] = "again",
    } do
        same(policy.outcome(status, 2), outcome)
        same(policy.outcome(status, 1), outcome == "fewer" and "lost" or outcome)
    end
end)

tell("a reason is cut after two hundred bytes, between characters", function()
    for _, text in ipairs { "", false, 7, {} } do
        same(policy.brief(text), nil)
    end
    same(policy.brief(nil), nil)
    same(policy.brief("visit-ended"), "visit-ended")
    for _, character in ipairs { "a", "ñ", "€", "😀" } do
        for before = 0, 4 do
            local text = ("x"):rep(before) .. character:rep(200)
            local cut = policy.brief(text)
            same(text:sub(1, #cut), cut)
            same(utf8.len(cut) ~= nil, true)
            same(#cut > 200 - #character and #cut <= 200, true)
            same(policy.brief(cut), cut)
        end
    end
end)

tell("so many a minute, and the first one too many is known", function()
    local may = policy.limiter(2)
    local function both(now)
        local is_allowed, is_last = may(now)
        return tostring(is_allowed) .. " " .. tostring(is_last)
    end
    same(both(0), "true false")
    same(both(59), "true false")
    same(both(59), "false true")
    same(both(59), "false false")
    same(both(60), "true false")
end)
