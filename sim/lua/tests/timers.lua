-- at() and every() are exact, also when planned in a call-back; hooks that were put off are not called.
-- want: 0
-- SPDX-License-Identifier: MIT
local at, seen = {}, {}
flatfish.at(11111, function(n) at[#at + 1] = n assert(n == flatfish.icount()) end)
flatfish.at(11111, function(n) at[#at + 1] = n end)
local gone = flatfish.at(11112, function() error("not me") end)
local e = flatfish.every(1000, function(n) seen[#seen + 1] = n end)
gone:off()
flatfish.run(15500)
e:off()
flatfish.run(5000)
assert(#at == 2 and at[1] == 11111 and at[2] == 11111)
assert(#seen == 15 and seen[1] == 1000 and seen[15] == 15000)

local planned, fired = {}, {}
local hook
hook = flatfish.on("syscall", function(e)
    for _, more in ipairs { 1, 2, 7, 50 } do
        planned[#planned + 1] = e.icount + more
        flatfish.at(e.icount + more, function(n) fired[#fired + 1] = n end)
    end
    if #planned == 40 then hook:off() end
end)
flatfish.run(5000)
table.sort(planned)
assert(#fired == 40)
for i, n in ipairs(planned) do assert(fired[i] == n, i .. ": " .. n .. " " .. fired[i]) end
