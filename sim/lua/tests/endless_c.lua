-- Library functions that would take years are ended with the process.
-- want: 1 does not end
-- SPDX-License-Identifier: MIT
assert(not pcall(string.rep, "x", 1e10) and not pcall(string.format, "%999d", 1))
assert(not load(("("):rep(100000)) and not load("return " .. ("{"):rep(100000)))
flatfish.at(100, function() return table.move({}, 1, 1e15, 2) end)
