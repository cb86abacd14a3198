-- Reads a token: three parts, signed as agreed and no other way. Jitsi's own modules check it too;
-- this module does not rely on their being there, nor on how they are set.

local json = require "util.json"
local hashes = require "util.hashes"
local decode64 = require "util.encodings".base64.decode

local policy = module:require "policy"

local PART = "^[%w_-]*$"
local MOST_BYTES = 8192

-- Found before they are replaced: few tokens have any of them, and looking is much cheaper.
local function replaced(text, one, other)
    return text:find(one, 1, true) and text:gsub("%" .. one, other) or text
end

local function unbase64(text)
    local plain = replaced(replaced(text, "-", "+"), "_", "/")
    return decode64(plain .. ("="):rep(-#plain % 4))
end

-- Return what is signed, the head and the body in it, and the signature.
local function parts(token)
    local first = token:find(".", 1, true)
    local second = first and token:find(".", first + 1, true)
    if second then
        return token:sub(1, second - 1), token:sub(1, first - 1), token:sub(first + 1, second - 1),
            token:sub(second + 1)
    end
end

local function decoded(raw)
    -- Depth is for the claimant to choose: what is nested too deeply raises an error.
    local ok, value = pcall(json.decode, raw or "")
    return ok and type(value) == "table" and value or nil
end

-- Read the body of a token that we signed. What Jitsi's page may do is most of it and nothing to this
-- module: it is left out before the reading. Within a name the quotes would be escaped.
local function claims_of(body)
    local raw = unbase64(body)
    return decoded(raw and raw:gsub('"features":%b{}', '"features":{}'))
end

local function secret_verifier(secret)
    return function(signed, signature)
        return hashes.equals(hashes.hmac_sha256(secret, signed), signature)
    end
end

local function key_verifier(pem)
    local key = require "openssl.pkey".new(pem)
    local digest = require "openssl.digest"
    return function(signed, signature)
        local ok, verified = pcall(function()
            return key:verify(signature, digest.new("sha256"):update(signed))
        end)
        return ok and verified == true
    end
end

-- Make a reader. options: issuer, audience, domain, and secret (HS256) or public_key (RS256, PEM).
return function(options)
    local algorithm = options.secret and "HS256" or "RS256"
    local is_signed = options.secret and secret_verifier(options.secret)
        or key_verifier(options.public_key)
    -- The head of the last good token: one bridge's are all the same, and need no second reading.
    local known_head

    -- Return what policy.judge returns.
    return function(token, room, now)
        if token == nil or token == "" then
            return nil, "token-missing", "none"
        elseif type(token) ~= "string" or #token > MOST_BYTES then
            return nil, "token-unsound", "size"
        end
        local signed, head, body, tail = parts(token)
        local header = head and (head == known_head or decoded(unbase64(head)))
        if not header then
            return nil, "token-unsound", "form"
        elseif header ~= true and header.alg ~= algorithm then
            -- "none", and a public key used as if it were a shared secret.
            return nil, "token-unsigned", "alg"
        end
        local signature = tail:find(PART) and unbase64(tail)
        if not signature or not is_signed(signed, signature) then
            return nil, "token-unsigned", "signature"
        end
        known_head = head
        return policy.judge(claims_of(body), {
            issuer = options.issuer,
            audience = options.audience,
            domain = options.domain,
            room = room,
            now = now,
        })
    end
end
