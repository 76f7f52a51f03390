-- What modelled TLBs and caches miss is what one works out on paper, of loops that touch known lines and pages.
-- want: 0
-- guest: sweeps
-- SPDX-License-Identifier: MIT
local function sums()
    local out = {}
    for _, r in ipairs(flatfish.observed()) do
        for _, what in ipairs { "asked", "missed" } do
            for name, n in pairs(r[what]) do
                local key = what .. "." .. name
                out[key] = (out[key] or 0) + n
            end
        end
    end
    return out
end

local l1 = { bytes = 32768, ways = 8, line = 64 }
flatfish.observe {
    tlb = { data = { entries = 64, ways = 4 }, code = { entries = 64, ways = 4 } },
    cache = { data = l1, code = l1, second = { bytes = 262144, ways = 8, line = 64 } },
}
local before, got = nil, {}
flatfish.on("begin", function() before = sums() end)
flatfish.on("end", function(e)
    local d = sums()
    for key, n in pairs(d) do d[key] = n - (before[key] or 0) end
    got[e.number] = d
end)
flatfish.run()
assert(flatfish.exit_code() == 0)

-- region, buffer, asked, missed
for _, row in ipairs {
    { 1, "data_cache", 10240, 10240 }, { 1, "data_tlb", 10240, 16 },
    { 2, "data_cache", 1000, 1 }, { 2, "data_tlb", 1000, 0 },
    { 3, "data_cache", 90, 90 }, { 4, "data_cache", 80, 8 },
    { 5, "data_cache", 512, 64 }, { 5, "data_tlb", 512, 1 },
    { 11, "data_tlb", 320, 32 }, { 12, "data_tlb", 1280, 1280 }, { 13, "data_tlb", 32, 32 },
    { 14, "data_tlb", 16, 1 }, { 15, "data_tlb", 32, 24 },
} do
    local region, name, asked, missed = table.unpack(row)
    local d = got[region]
    assert(d["asked." .. name] == asked, ("region %d asks %s %d times, not %d"):format(region, name, d["asked." .. name], asked))
    assert(d["missed." .. name] == missed, ("region %d misses %s %d times, not %d"):format(region, name, d["missed." .. name], missed))
end
for region, d in pairs(got) do
    assert(d["asked.second_cache"] == d["missed.data_cache"] + d["missed.code_cache"], region)
    assert(d["asked.code_tlb"] == d["asked.code_cache"], region)
    assert(d["missed.code_cache"] <= 6, "a short loop lies in few lines")
end
assert(got[1]["missed.second_cache"] <= 1024 + 6, "64 KiB fit in the second cache: its lines come once")
