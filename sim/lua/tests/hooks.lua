-- Call-backs that were put off are given back: also those put off in a call-back, or never finished.
-- want: 0
-- SPDX-License-Identifier: MIT
for _ = 1, 3000 do
    flatfish.at(1000000000, print):off()
    flatfish.on("crossing", print):off()
    flatfish.probe("call_entry", print):off()
    assert(not pcall(flatfish.on, "crossing", { kind = 5 }, print))
    assert(not pcall(flatfish.watch, "call_entry", 1 << 40, "rw", print))
end
local calls, exits = 0, 0
local function once(place, fn)
    local h
    h = flatfish.probe(place, function()
        h:off()
        fn()
    end)
end
flatfish.on("syscall", function()
    calls = calls + 1
    once("call_entry", function() exits = exits + 1 end)
    flatfish.at(flatfish.icount() + 1, function() end)
    flatfish.on("sysret", print):off()
end)
flatfish.run()
assert(calls == 5000 and exits >= 4999, calls .. " " .. exits)
