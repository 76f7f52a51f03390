-- A misspelt option, a filter that nothing can meet and a count below 0 raise: none is taken for something else.
-- want: 0
-- SPDX-License-Identifier: MIT
local F = flatfish
local function refused(want, f, ...)
    local good, said = pcall(f, ...)
    assert(not good and said:find(want, 1, true), said)
end
refused("near: by", F.count, { bye = { "level" } })
refused("near: where", F.histogram, { by = { "level" }, wehre = {} })
refused("a list of fields", F.count, { by = "level" })
refused("no number", F.histogram, { of = "from" })
refused("nothing to count", F.count, { by = { "level" }, event = "finish" })
refused("near: data", F.observe, { tlb = { dta = { entries = 64, ways = 4 } } })
refused("near: line", F.observe, { cache = { data = { bytes = 1024, ways = 1, lines = 64 } } })
refused("near: max", F.on, "crossing", { level = { min = 1, mx = 3 } }, print)
refused("for numbers", F.on, "crossing", { from = { min = 1 } }, print)
refused("met by nothing", F.on, "crossing", { level = {} }, print)
refused("not 1.5", F.on, "crossing", { level = 1.5 }, print)
refused("true or false", F.on, "crossing", { from_user = 1 }, print)
refused("near: null", F.on, "crossing", { call = "nul" }, print)
refused("has no filter", F.on, "finish", { level = 1 }, print)
refused("names no symbol", F.probe, "L3:", print)
for _, f in ipairs { F.run, F.step, F.goto_ } do refused("0 or more", f, -1) end
refused("0 or more", F.run, { to = -5 })
refused("`to`", F.run, { too = 5 })
for _, f in ipairs { F.at, F.every } do refused("0 or more", f, -1, print) end
refused("0 or more", F.input, "x", -1)
assert(F.icount() == 0)

-- What has no vector is in no range of vectors from 0 on; a whole number may be a float.
local some = F.count { by = { "kind" }, where = { vector = { min = 0 } } }
local odd = F.count { by = { "kind" }, where = { vector = { min = -1, max = 1000 } } }
local all = F.count { by = { "kind" }, where = { icount = { min = 0, max = 1e15 } } }
F.run()
assert(all:total() > 10000 and odd:total() == all:total(), odd:total())
for _, r in ipairs(some:rows()) do assert(({ exception = 1, interrupt = 1, int = 1 })[r.kind], r.kind) end
