-- How the spool writes an event into a line, and reads it again. Plain Lua.

local FIELDS = { "type", "room", "at", "role", "person", "nick", "reason" }

local lines = {}

local function escaped(value)
    return value and (tostring(value):gsub("[%%%c]", function(c)
        return ("%%%02X"):format(c:byte())
    end)) or "%"
end

local function plain(text)
    if text == "%" then
        return nil
    end
    return (text:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
    end))
end

function lines.line_of(word, ...)
    return table.concat({ word, ... }, "\t") .. "\t.\n"
end

function lines.packed(event)
    local fields = {}
    for i, name in ipairs(FIELDS) do
        fields[i] = escaped(event[name])
    end
    return table.concat(fields, "\t")
end

function lines.unpacked(fields, from)
    local event = {}
    for i, name in ipairs(FIELDS) do
        if fields[from + i - 1] == nil then
            return nil
        end
        event[name] = plain(fields[from + i - 1])
    end
    return event.type and event.room and event
end

return lines
