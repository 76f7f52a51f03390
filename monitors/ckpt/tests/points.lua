-- monitors/ckpt/tests/points.lua SOURCE BUILD [POINTS [SUBTREE [SEED [MACHINE]]]] -- at POINTS random
-- times (24) a subtree is saved, destroyed, and restored deeper, in another nest: what the two print
-- together is what the undisturbed one prints. An instruction is 10 ns under Flatfish (8 under QEMU,
-- which counts, too), so a time is an instruction count. SUBTREE: only those whose nest has this
-- text. SPDX-License-Identifier: MIT
local source, build, points = arg[1] or ".", arg[2] or ".", tonumber(arg[3] or os.getenv("CKPT_POINTS") or 24)
local only, seed = arg[4] or os.getenv("CKPT_SUBTREE") or "", tonumber(arg[5] or os.getenv("CKPT_SEED") or 1996)
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local NS = { flatfish = 10, qemu = 8 }
local machine
for _, one in ipairs(lib.machines(build)) do
    if one.name == (arg[6] or os.getenv("CKPT_MACHINE") or "flatfish") then machine = one end
end
if not machine then os.exit(77) end
local ns = NS[machine.name]

local subtrees = {
    { nest = "compute(n=3000)" },
    { nest = "null/compute(n=3000)" },
    { nest = "null/ipcbench(calls=3000)" },
    { nest = "null/[compute(n=2000), null/ipcbench(calls=100), hello]", any_order = true },
    { nest = "null/appel1" },
    { nest = "memtest(mib=1,passes=2)" },
    { nest = "null*3/allocation(steps=500)" },
    { nest = "pager(frames=24,store=pages)/null/compute(n=3000)" },
    { nest = "procmgr(procs=16)/forktest(depth=2,times=3)", size = "8m", objects = "4m" },
    { nest = "procmgr(procs=16)/null/forktest(depth=2)", size = "8m", objects = "4m" },
    { nest = "procmgr(procs=16)/mk", size = "8m", objects = "4m" },
    { nest = 'procmgr(procs=16)/sh(c="cat </bin/hello | cat | cat >/a; hello | cat | cat; mk & cat </a | cat >/b; wait; ps")',
      size = "8m", objects = "4m" },
}

local function run(nest, memory)
    return machine.run { nest = nest, memory = memory }
end

local function room_of(subtree)
    return ("size=%s,objects=%s"):format(subtree.size or "4m", subtree.objects or "1m")
end

-- From the start of the machine to the end of the nest, in instructions.
local function length(subtree)
    local stats = os.tmpname()
    lib.capture(lib.within(300, ("%s/flatfish run %s --mem %d --stats %s </dev/null"):format(build,
        lib.quote(("ckpt(to=x,at=1000000000000,%s)/%s"):format(room_of(subtree), subtree.nest)),
        subtree.memory or 256, stats)))
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

-- What was printed without the checkpointer's own line; then threads that it saved, and how many of
-- those were in a call to another one.
local function apart(text)
    local threads, calling = 0, 0
    text = text:gsub("ckpt: %d+ objects, (%d+) threads, (%d+) of them in a call, %d+ pages written\n",
        function(n, m)
            threads, calling = tonumber(n), tonumber(m)
            return ""
        end)
    return text, threads, calling
end

math.randomseed(seed)
local chosen = {}
for _, subtree in ipairs(subtrees) do
    if subtree.nest:find(only, 1, true) then chosen[#chosen + 1] = subtree end
end
local good, failed, late, talking = 0, 0, 0, 0
local each = math.max(1, points // math.max(1, #chosen))
for _, subtree in ipairs(chosen) do
    local before = good
    local want = sorted(run(subtree.nest, subtree.memory), subtree.any_order)
    local total = length(subtree)
    for _ = 1, each do
        local at = math.random(math.max(total - 2400000, 200000)) * ns
        local text, code = run(string.format(
            "[ckpt(to=x,at=%d,stop=1,stats=1,%s)/%s, null*2/ckpt(restore=x,wait=%d,%s)/%s]", at, room_of(subtree),
            subtree.nest, (total + 20000000) * ns * 3, room_of(subtree), subtree.nest), subtree.memory)
        local said, threads, calling = apart(text)
        if text:find("it is no checkpoint", 1, true) or text:find("no such file", 1, true) then
            late = late + 1
        elseif sorted(said, subtree.any_order) == want and code == 0 then
            good = good + 1
            talking = talking + (threads > 2 and calling > 0 and 1 or 0)
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
    io.flush()
end
print(string.format("%d restored (%d with more than two threads and calls between them), %d failed, %d after the end",
    good, talking, failed, late))
os.exit(failed == 0 and good > 0 and 0 or 1)
