-- monitors/tests/cost.lua SOURCE BUILD [PROGRAM] -- what a layer costs: nothing where it is not on the path,
-- little where it is. Each line of `limits` is a nester (N stands for the program below it) with what it
-- may add, in per cent of the program's own measured region, exact counts. A nester that adds
-- nothing (limit 0) also leaves the program's own kernel calls as they are, to the last one.
-- SPDX-License-Identifier: MIT
local source, build, only = arg[1] or ".", arg[2] or ".", arg[3]
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local measure = require("measure")

-- Large enough that a timer tick more or less is not seen; `process`: needs a process manager, directly above it,
-- and is compared with what it takes below that alone.
-- `same`: allocation searches the root's memory and heap, which look different with more programs in them.
local programs = {
    { "hello(times=200)" }, { "compute(n=30000)" }, { "memtest(mib=2)" }, { "allocation", same = 0.3 },
    { "readtest" }, { "readtest(chunk=4096)" }, { "ipcbench" }, { "appel1" }, { "appel2" },
    { "forktest(times=4)", process = true }, { "mk", process = true },
    { "pattern(pages=512,length=300000,touched=1,write=1)" },
}

-- 0 means: the same within 0.1 %, and the same calls. For single programs other limits can stand.
local limits = {
    { "null*8/N", most = 0 },
    { 'tracer(only=process)/N', most = 0, alone = true },
    { "procmgr/N", most = 0, alone = true },
    -- Over 35 % where a program does little but send: one message more is the least that a layer which looks at
    -- each can cost. Profiles, instructions a message: hello's line takes 2,220; the tracer adds 1,790, of them 910
    -- the message in the kernel, 440 serving and forwarding, 440 the line of the log. A read of 4 KiB takes 4,930
    -- (3,040 to add it up); the tracer adds 2,480: 1,460 in the kernel (half of it the copy), 470 and 550. So both
    -- would be over without any log, by 61 and 39 %.
    { 'tracer(to="/log")/N', most = 35, ["hello(times=200)"] = 85, ["readtest(chunk=4096)"] = 55,
      ["compute(n=30000)"] = 0, ["memtest(mib=2)"] = 0, ["appel1"] = 0, ["appel2"] = 0 },
    -- With frames enough for all: after the first touch (part 3 of memtest) next to nothing.
    { "pager(frames=4096)/N", most = 35, ["compute(n=30000)"] = 1, ["memtest(mib=2)"] = 5,
      part = { ["memtest(mib=2)"] = 3 } },
    { "procmgr/pager(frames=4096)/N", most = 35, ["compute(n=30000)"] = 1, alone = true },
    { "pager(frames=2048)/pager(frames=1024)/N", only = "compute", most = 1 },
    -- Between checkpoints.
    { "ckpt(to=x,at=1000000000000,size=16m)/N", most = 5, ["compute(n=30000)"] = 1 },
    { "pager(frames=1024)/N", only = "pattern", most = 5 },
}

local SAME = 0.1    -- per cent
local TICK = 2000   -- instructions that one interrupt more or less makes at most

local function exists(nest)
    for name in nest:gsub("%b()", ""):gsub("%*%d+", ""):gmatch("(%w+)/") do
        local file = io.open(("%s/monitors/%s/%s.elf"):format(build, name, name))
        if not file then return false end
        file:close()
    end
    return true
end

local passed, failed = 0, 0

local function judge(nest, entry, limit, all)
    local regions, code = measure(build, nest)
    local part = (limit.part or {})[entry[1]] or 1
    local deep, bare = regions[part], all[part]
    if code ~= 0 or not deep then
        failed = failed + 1
        print(("FAIL %s: exit code %d"):format(nest, code))
        return
    end
    local most, same = limit[entry[1]] or limit.most, entry.same or SAME
    local added = (deep.instructions - bare.instructions) / bare.instructions * 100
    local noise = (math.abs(deep.ticks - bare.ticks) + 1) * TICK / bare.instructions * 100
    local good = added <= (most == 0 and same or most) + noise and
        (most > 0 or (added >= -same - noise and deep.calls == bare.calls))
    passed, failed = passed + (good and 1 or 0), failed + (good and 0 or 1)
    print(("%s %s: %+.3f %% (%s), %d instructions, %d of its own calls (%+d), %d ticks (%+d)"):format(
        good and "PASS" or "FAIL", nest, added, most == 0 and "same" or "at most " .. most .. " %",
        deep.instructions, deep.calls, deep.calls - bare.calls, deep.ticks, deep.ticks - bare.ticks))
end

for _, entry in ipairs(programs) do
    local program = entry[1]
    if not only or program:match("^%w+") == only then
        if entry.process then program = "procmgr/" .. program end
        local bare = measure(build, program)
        assert(bare[1], program .. " has no measured region")
        for _, limit in ipairs(limits) do
            local nest = limit[1]:gsub("N$", function() return program end)
            local applies = (not limit.only or entry[1]:match("^%w+") == limit.only) and
                not (limit.alone and entry.process) -- what stands alone on the path, or has a manager itself
            if applies and exists(nest) then judge(nest, entry, limit, bare) end
        end
    end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed > 0 and 1 or 0)
