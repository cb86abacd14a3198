-- Runs the files that are named: lua5.4 tests/lua/run.lua tests/lua/*.test.lua

package.path = "tests/lua/?.lua;" .. package.path
local story = require "story"

for _, file in ipairs(arg) do
    dofile(file)
end
story.close()
