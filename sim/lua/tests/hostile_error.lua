-- An error that is an object whose __tostring does not end, fails or lies is an error like another.
-- want: 1 does not end
-- SPDX-License-Identifier: MIT
local function thrown(tostring) return setmetatable({}, { __tostring = tostring, __name = ("x"):rep(100000) }) end
for _, f in ipairs { function() return 5 end, function() error(thrown(error)) end } do
    assert(not pcall(error, thrown(f)))
end
flatfish.at(100, function() error(thrown(function() while true do end end)) end)
