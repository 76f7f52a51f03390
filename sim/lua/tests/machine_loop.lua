-- So is a machine that the script has made run in a circle; code written at a probe takes effect at once.
-- want: 1 CPU time is over
-- SPDX-License-Identifier: MIT
local main = flatfish.address("guest_main")
local hits, hook = 0, nil
hook = flatfish.probe(main, function()
    hits = hits + 1
    if hits == 100 then hook:off() end
    if hits > 1 then return end
    assert(not pcall(function() flatfish.regs.rip = main end))
    assert(flatfish.space().mem:write(main, "\xeb\xfe"))
end)
flatfish.run(200000)
assert(hits == 100, hits)
