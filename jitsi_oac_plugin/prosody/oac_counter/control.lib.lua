-- The control that the bridge has over its rooms: HTTP for this machine alone, with a secret.

local array = require "util.array"
local json = require "util.json"
local hashes = require "util.hashes"
local st = require "util.stanza"
local ip = require "util.ip"

local policy = module:require "policy"

local MOST_BYTES = 16384
local NO_ROOM = { error = "no-such-room" }
-- Prosody has decoded it: a nick may have anything in it, slashes too.
local PATH = "^/?([^/]+)(.*)$"
local NICK = "^/occupants/(.+)$"

local function answer(event, status, body)
    event.response.headers.content_type = "application/json"
    event.response.status_code = status
    return body and json.encode(body) or ""
end

local function decoded(text)
    local ok, value = pcall(json.decode, text)
    return ok and type(value) == "table" and value or nil
end

local function network(text)
    local ok, address, bits = pcall(ip.parse_cidr, text)
    return ok and address and { address = address, bits = bits } or nil
end

-- options: secret, from (networks that may ask), rooms (rooms.lib.lua), status(), and with RS256
-- key_id and public_key.
return function(options)
    local allowed = {}
    for _, text in ipairs(options.from) do
        allowed[#allowed + 1] = network(text)
    end
    local wanted = hashes.sha256(options.secret)

    local function is_from_here(address)
        local one = address and ip.new_ip(address)
        for _, each in ipairs(allowed) do
            if one and ip.match(one, each.address, each.bits) then
                return true
            end
        end
        return false
    end

    local function refuse_strangers(event)
        local request = event.request
        -- Both: who is connected, and whom a web server in between speaks for.
        if not (is_from_here(request.conn:ip()) and is_from_here(request.ip)) then
            return answer(event, 403, { error = "not-from-here" })
        end
    end

    -- Return an answer for whoever may not ask.
    local function refusal(event)
        local stranger = refuse_strangers(event)
        if stranger then
            return stranger
        end
        local request = event.request
        local given = (request.headers.authorization or ""):match("^Bearer (.+)$") or ""
        if not hashes.equals(hashes.sha256(given), wanted) then
            module:log("warn", "A control request without the right secret was refused")
            return answer(event, 401, { error = "secret-wrong" })
        elseif request.body and #request.body > MOST_BYTES then
            return answer(event, 413, { error = "body-too-large" })
        end
    end

    local function body_of(event)
        local text = event.request.body
        return (text == nil or text == "") and {} or decoded(text)
    end

    local function list(event, node)
        local occupants = array()
        for _, one in ipairs(options.rooms.occupants(node)) do
            occupants:push({ nick = one.nick, person = one.person, role = one.role })
        end
        return answer(event, 200, { room = node, occupants = occupants })
    end

    local function tell(event, room, node)
        local body = body_of(event)
        local message = body and body.message
        local to = body and body.to
        local is_sound = type(message) == "table" and type(message.type) == "string"
            and (to == nil or to == json.null or type(to) == "string")
        if not is_sound then
            return answer(event, 400, { error = "body-unsound" })
        end
        local text, heard = json.encode(message), 0
        for _, one in ipairs(options.rooms.occupants(node)) do
            if type(to) ~= "string" or one.nick == to then
                local occupant = room:get_occupant_by_nick(room.jid .. "/" .. one.nick)
                for real_jid in occupant:each_session() do
                    room:route_stanza(st.message({ from = room.jid, to = real_jid })
                        :text_tag("json-message", text, { xmlns = "http://jitsi.org/jitmeet" }))
                    heard = heard + 1
                end
            end
        end
        if heard == 0 then
            return answer(event, 404, { error = "no-such-occupant" })
        end
        return answer(event, 204)
    end

    local function remove(event, room, nick)
        local body = body_of(event)
        if not body then
            return answer(event, 400, { error = "body-unsound" })
        elseif not options.rooms.remove(room, nick, policy.brief(body.reason)) then
            return answer(event, 404, { error = "no-such-occupant" })
        end
        return answer(event, 204)
    end

    local function close(event, node)
        local body = body_of(event)
        if not body then
            return answer(event, 400, { error = "body-unsound" })
        elseif not options.rooms.close(node, policy.brief(body.reason)) then
            return answer(event, 404, NO_ROOM)
        end
        return answer(event, 204)
    end

    local function route(event, path)
        local method = event.request.method
        local node, rest = path:match(PATH)
        if not (node and policy.is_ours(node) and policy.is_sound(node)) then
            return answer(event, 404, NO_ROOM)
        elseif rest == "" and method == "DELETE" then
            return close(event, node)
        end
        local room = options.rooms.find(node)
        if not room then
            return answer(event, 404, NO_ROOM)
        elseif rest == "" and method == "GET" then
            return list(event, node)
        elseif rest:find(NICK) and method == "DELETE" then
            return remove(event, room, rest:match(NICK))
        elseif rest == "/messages" and method == "POST" then
            return tell(event, room, node)
        end
    end

    -- Jitsi's token authentication asks for a public key by the digest of its id, without a secret.
    local key_name = options.key_id and hashes.sha256(options.key_id, true) .. ".pem"

    local function key(event, name)
        local stranger = refuse_strangers(event)
        if stranger then
            return stranger
        elseif name:gsub("^/", "") ~= key_name then
            return answer(event, 404, { error = "no-such-key" })
        end
        event.response.headers.content_type = "application/x-pem-file"
        return options.public_key
    end

    local function guarded(handler)
        return function(event, path)
            return refusal(event) or handler(event, path)
                or answer(event, 405, { error = "no-such-order" })
        end
    end

    return {
        ["GET /keys/*"] = key,
        ["GET /status"] = guarded(function(event)
            return answer(event, 200, options.status())
        end),
        ["GET /rooms/*"] = guarded(route),
        ["DELETE /rooms/*"] = guarded(route),
        ["POST /rooms/*"] = guarded(route),
    }
end
