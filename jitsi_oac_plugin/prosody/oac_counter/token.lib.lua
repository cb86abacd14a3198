-- Reads a token: three parts, signed as agreed and no other way. Jitsi's own modules check it too;
-- this module does not rely on their being there, nor on how they are set.

local json = require "util.json"
local hashes = require "util.hashes"
local decode64 = require "util.encodings".base64.decode

local policy = module:require "policy"

local PARTS = "^(([%w_-]+)%.([%w_-]+))%.([%w_-]*)$"
local MOST_BYTES = 8192

local function unbase64(text)
    local plain = text:gsub("-", "+"):gsub("_", "/")
    return decode64(plain .. ("="):rep(-#plain % 4))
end

local function decoded(text)
    local raw = unbase64(text)
    -- Depth is for the claimant to choose: what is nested too deeply raises an error.
    local ok, value = pcall(json.decode, raw or "")
    return ok and type(value) == "table" and value or nil
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

    -- Return what policy.judge returns.
    return function(token, room, now)
        if token == nil or token == "" then
            return nil, "token-missing", "none"
        elseif type(token) ~= "string" or #token > MOST_BYTES then
            return nil, "token-unsound", "size"
        end
        local signed, head, body, tail = token:match(PARTS)
        local header = head and decoded(head)
        if not header then
            return nil, "token-unsound", "form"
        elseif header.alg ~= algorithm then
            -- "none", and a public key used as if it were a shared secret.
            return nil, "token-unsigned", "alg"
        end
        local signature = unbase64(tail)
        if not signature or not is_signed(signed, signature) then
            return nil, "token-unsigned", "signature"
        end
        return policy.judge(decoded(body), {
            issuer = options.issuer,
            audience = options.audience,
            domain = options.domain,
            room = room,
            now = now,
        })
    end
end
