-- Misuse raises; a call-back cannot drive the machine; events end with their call-back.
-- want: 0
-- SPDX-License-Identifier: MIT
local kept
local good, said
flatfish.on("syscall", function(e)
    kept = kept or e
    good, said = pcall(flatfish.run)
end)
flatfish.run(20000)
assert(not good and said:find("cannot drive"))
assert(not pcall(function() return kept.kind end))
for _, f in ipairs { "on", "probe", "watch", "at", "every", "memory", "step", "goto_", "input", "address" } do
    assert(not pcall(flatfish[f], {}, {}, {}), f)
end
assert(not pcall(flatfish.count, { by = { "kind" }, sum = "x" }))
assert(not pcall(flatfish.on, "crossing", { kind = 5 }, print))
assert(flatfish.phys:read(1 << 40, 8) == nil)
assert(not pcall(flatfish.phys.read, flatfish.phys, 0, -1))
