-- lua-scripts/cost/equal.lua -- every instruction costs the same and events cost nothing of their own:
-- cycles are instructions. For comparing counts, and for checking reports.
-- SPDX-License-Identifier: MIT
local meant = "by definition"
return {
    title = "every instruction one cycle",
    instruction = 1,
    event = {},
    class = {},
    tlb = { data = { entries = 64, ways = 4 }, code = { entries = 64, ways = 4 }, refill = 0, after_cr3 = 0 },
    cache = { data = { bytes = 32768, ways = 8, line = 64 }, code = { bytes = 32768, ways = 8, line = 64 },
        second = { bytes = 262144, ways = 8, line = 64 }, miss = 0, second_miss = 0 },
    source = { instruction = meant, ["tlb.refill"] = meant, ["tlb.after_cr3"] = meant, ["tlb.sizes"] = meant,
        ["cache.sizes"] = meant, ["cache.miss"] = meant, ["cache.second_miss"] = meant },
}
