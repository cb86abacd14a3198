-- A test runner of one page for plain Lua: stories, each of which must hold.

local story = { failed = 0, told = 0 }

-- Load a part of the module that knows nothing of Prosody.
function story.part(name)
    return assert(loadfile("jitsi_oac_plugin/prosody/oac_counter/" .. name .. ".lib.lua"))()
end

-- Tell a story: a sentence that says what must hold, and how it is tried.
function story.tell(sentence, try)
    story.told = story.told + 1
    local ok, problem = xpcall(try, debug.traceback)
    if not ok then
        story.failed = story.failed + 1
        io.stderr:write("not so: ", sentence, "\n", tostring(problem), "\n")
    end
end

-- See that two values are the same.
function story.same(got, wanted)
    if got ~= wanted then
        error(("%s instead of %s"):format(tostring(got), tostring(wanted)), 2)
    end
end

-- End with what came out.
function story.close()
    print(("%d told, %d failed"):format(story.told, story.failed))
    os.exit(story.failed == 0 and 0 or 1)
end

return story
