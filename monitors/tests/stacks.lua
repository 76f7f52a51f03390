-- monitors/tests/stacks.lua SOURCE BUILD [STACKS [SEED [MACHINE]]] -- nesters stand on each other in any
-- order: STACKS (8) random ones, and one of 32 nesters, each under a random workload, on each machine;
-- the workload prints what it prints bare, and ends as it does bare. SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
local stacks, seed = tonumber(arg[3] or os.getenv("STACKS") or 8), tonumber(arg[4] or os.getenv("STACKS_SEED") or 1996)
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local DEEPEST, DEEP, MEMORY = 6, 32, 1024

local workloads = {
    { "hello" }, { "compute(n=3000)" }, { "memtest(mib=1,passes=1)" }, { "allocation(steps=300)" },
    { "readtest(kib=16)" }, { "ipcbench(calls=100)" }, { "appel1" }, { "appel2" }, { "pooltest" },
    { "forktest(depth=2,kib=8)", process = true }, { "mk", process = true }, { "proctest", process = true },
}

-- %d is the place in the stack: files and their names are shared by all. The checkpointer's memory
-- holds all that stands on it, so it is there `most` once; what keeps a half or more of the kernel
-- memory that it was given is there a few times at most.
local nesters = {
    { "null" }, { "null*3" }, { "skel" }, { "between" }, { 'tracer(to="/t%d")' }, { "procmgr(procs=24)", most = 1 },
    { "pager(frames=3000,store=p%d)", most = 2 }, { "pager(frames=1200,store=p%d,policy=lru)", most = 2 },
    { "ckpt(to=c%d,at=1000000000000,size=16m,objects=16m)", most = 1 },
}

local function random_stack(depth)
    local stack, used = {}, {}
    for place = 1, depth do
        local nester = nesters[math.random(#nesters)]
        used[nester] = (used[nester] or 0) + 1
        stack[place] = used[nester] <= (nester.most or depth) and nester[1]:format(place) or "null"
    end
    return stack
end

-- `between` says at its end what it was asked for; that is not the workload's.
local function said(text) return (text:gsub("both ways: [^\n]*\n", "")) end

math.randomseed(seed)
local machines, bare, good, failed = lib.machines(build), {}, 0, 0
for number = 0, stacks do
    local stack = random_stack(number == 0 and DEEP or math.random(1, DEEPEST))
    local workload = workloads[math.random(number == 0 and 8 or #workloads)]
    local program = (workload.process and "procmgr(procs=24)/" or "") .. workload[1]
    local nest = table.concat(stack, "/") .. "/" .. program
    if number == 0 then -- room for so many nesters and their objects
        nest = nest:gsub("frames=%d+", "frames=2500,size=160m"):gsub("size=16m", "size=64m")
    end
    for _, machine in ipairs(machines) do
        if not arg[5] or arg[5] == machine.name then
            bare[program] = bare[program] or { machine.run { nest = program, memory = MEMORY } }
            local text, code = machine.run { nest = nest, memory = MEMORY }
            local same = said(text) == bare[program][1] and code == 0
            good, failed = good + (same and 1 or 0), failed + (same and 0 or 1)
            print(("%s %s %s"):format(same and "PASS" or "FAIL", machine.name, nest))
            if not same then print(("  code %d, printed:\n%s  wanted:\n%s"):format(code, text, bare[program][1])) end
        end
    end
end
print(("%d as bare, %d failed"):format(good, failed))
os.exit(failed > 0 and 1 or good == 0 and 77 or 0)
