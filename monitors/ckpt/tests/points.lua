-- monitors/ckpt/tests/points.lua SOURCE BUILD [POINTS] -- at POINTS random times (24) a subtree is
-- saved, destroyed, and restored deeper, in another nest: what the two print together is what the
-- undisturbed one prints. One machine instruction is 10 ns, so a time is an instruction count.
-- SPDX-License-Identifier: MIT
local source, build, points = arg[1] or ".", arg[2] or ".", tonumber(arg[3] or os.getenv("CKPT_POINTS") or 24)
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local NS = 10

local subtrees = {
    { nest = "compute(n=3000)" },
    { nest = "null/compute(n=3000)" },
    { nest = "null/ipcbench(calls=3000)" },
    { nest = "null/[compute(n=2000), null/ipcbench(calls=100), hello]", any_order = true },
    { nest = "null/appel1" },
    { nest = "memtest(mib=1,passes=2)" },
    { nest = "null*3/allocation(steps=500)" },
    { nest = "pager(frames=24,store=pages)/null/compute(n=3000)" },
    { nest = "procmgr/forktest", memory = 512, size = "16m", objects = "8m" },
    { nest = "procmgr/mk", memory = 512, size = "16m", objects = "8m" },
}

local function run(nest, memory)
    local text, code = lib.capture(string.format("timeout 120 %s/flatfish run %s --quiet --mem %d </dev/null",
        build, lib.quote(nest), memory or 256))
    return text:match("flatfish kernel:[^\n]*\n(.*)$") or text, code
end

local function room_of(subtree)
    return ("size=%s,objects=%s"):format(subtree.size or "4m", subtree.objects or "1m")
end

-- From the start of the checkpointer to the end of its child, in instructions.
local function length(subtree)
    local stats = os.tmpname()
    lib.capture(string.format("timeout 120 %s/flatfish run %s --mem %d --stats %s </dev/null", build,
        lib.quote(("ckpt(to=x,at=1000000000000,%s)/%s"):format(room_of(subtree), subtree.nest)),
        subtree.memory or 256, stats))
    local file = io.open(stats)
    local text = file:read("a")
    file:close()
    os.remove(stats)
    return assert(tonumber(text:match('"icount": (%d+)')), "no statistics")
end

local function sorted(text, any_order)
    if not any_order then return text end
    local lines = {}
    for line in text:gmatch("[^\n]*\n") do lines[#lines + 1] = line end
    table.sort(lines)
    return table.concat(lines)
end

math.randomseed(1996)
local good, failed, late = 0, 0, 0
local each = math.max(1, points // #subtrees)
for _, subtree in ipairs(subtrees) do
    local before = good
    local want = sorted(run(subtree.nest, subtree.memory), subtree.any_order)
    local total = length(subtree)
    for _ = 1, each do
        local at = math.random(math.max(total - 2400000, 200000)) * NS
        local text, code = run(string.format(
            "[ckpt(to=x,at=%d,stop=1,%s)/%s, null*2/ckpt(restore=x,wait=%d,%s)/%s]", at, room_of(subtree),
            subtree.nest, (total + 20000000) * NS * 3, room_of(subtree), subtree.nest), subtree.memory)
        if text:find("it is no checkpoint", 1, true) or text:find("no such file", 1, true) then
            late = late + 1
        elseif sorted(text, subtree.any_order) == want and code == 0 then
            good = good + 1
        else
            failed = failed + 1
            print(string.format("FAIL %s at %d: exit %d, printed:\n%s", subtree.nest, at, code, text))
        end
    end
    if good - before < (each + 1) // 2 then
        failed = failed + 1
        print("FAIL " .. subtree.nest .. ": most points came after its end")
    end
    print(string.format("%s: %d good, %d failed, %d after the end so far", subtree.nest, good, failed, late))
end
print(string.format("%d restored, %d failed, %d after the end", good, failed, late))
os.exit(failed == 0 and 0 or 1)
