-- Reads the module's options once. Without one of them the module does not load: a line says which.

local set = require "util.set"
local jid_prep = require "util.jid".prep

local NEEDED = { "oac_events_url", "oac_events_secret", "oac_control_secret", "oac_app_id" }
local LEAST_SECRET = 32

local function text(name)
    local value = module:get_option_string(name)
    return value ~= "" and value or nil
end

local function read_file(path)
    local file = path and io.open(path, "rb")
    local content = file and file:read("a")
    if file then
        file:close()
    end
    return content
end

local function is_key(pem)
    local ok, key = pcall(function()
        return require "openssl.pkey".new(pem)
    end)
    return ok and key ~= nil
end

-- Return what is wrong with the options, as a list.
local function mistakes()
    local found = {}
    for _, name in ipairs(NEEDED) do
        if not text(name) then
            found[#found + 1] = name .. " is missing"
        end
    end
    local secret, file = text("oac_app_secret"), text("oac_public_key_file")
    if not secret == not file then
        found[#found + 1] = "either oac_app_secret or oac_public_key_file has to be set"
    elseif file and not is_key(read_file(file)) then
        found[#found + 1] = "oac_public_key_file is no PEM file, or lua-luaossl is not installed"
    end
    for _, name in ipairs { "oac_events_secret", "oac_control_secret", "oac_app_secret" } do
        if text(name) and #text(name) < LEAST_SECRET then
            found[#found + 1] = ("%s is shorter than %d bytes"):format(name, LEAST_SECRET)
        end
    end
    local url = text("oac_events_url")
    if url and not url:find("^https?://") then
        found[#found + 1] = "oac_events_url is no http address"
    end
    if module:get_option_string("component_module") ~= "muc" then
        found[#found + 1] = "it belongs on the component of the rooms (muc)"
    end
    return found
end

local function helpers()
    local prepared = set.new()
    for jid in module:get_option_inherited_set("admins", {}) do
        prepared:add(jid_prep(jid))
    end
    return prepared
end

return function()
    local found = mistakes()
    if #found > 0 then
        module:log("error", "Not loaded: %s", table.concat(found, "; "))
        module:set_status("error", found[1])
        return nil
    end
    local public = module:get_option_string("muc_mapper_domain_base", (module.host:gsub("^[^.]+%.", "")))
    return {
        events_url = text("oac_events_url"),
        events_secret = text("oac_events_secret"),
        control_secret = text("oac_control_secret"),
        control_from = module:get_option_array("oac_control_from", { "127.0.0.0/8", "::1" }),
        issuer = text("oac_app_id"),
        audience = module:get_option_string("oac_audience", "jitsi"),
        -- What people sign in to; and what it is called outside, which tokens and events say.
        host = public,
        domain = module:get_option_string("oac_domain", public),
        secret = text("oac_app_secret"),
        public_key = read_file(text("oac_public_key_file")),
        key_id = text("oac_public_key_file") and text("oac_key_id"),
        spool_file = module:get_option_string("oac_spool_file",
            ("%s/oac_counter-%s.spool"):format(prosody.paths.data, module.host)),
        spool_most = module:get_option_number("oac_spool_most", 20000),
        -- jicofo and its like: they need no token and are nobody to the bridge.
        helpers = helpers(),
    }
end
