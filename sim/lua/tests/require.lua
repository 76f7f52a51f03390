-- require finds the script's own folder and our library, and nothing by paths or links.
-- want: 0
-- SPDX-License-Identifier: MIT
assert(require("friend") == "a friend")
assert(type(require("lib.report").table) == "function")
for _, name in ipairs { "../../../tools/check-includes", "/etc/passwd", "..friend", "friend/../friend", "", "a..b", "passwd" } do
    assert(not pcall(require, name), name)
end
