-- lua-scripts/cost/equal.lua -- every instruction costs the same and events cost nothing of their own:
-- cycles are instructions. For comparing counts, and for checking reports.
-- SPDX-License-Identifier: MIT
return {
    title = "every instruction one cycle",
    instruction = 1,
    event = {},
    class = {},
    buffers = { data = { entries = 64, ways = 4 }, code = { entries = 64, ways = 4 } },
    tlb = { refill = 0, after_cr3 = 0 },
    source = { instruction = "by definition", ["tlb.refill"] = "by definition", ["tlb.after_cr3"] = "by definition" },
}
