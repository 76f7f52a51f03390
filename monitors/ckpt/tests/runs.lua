-- monitors/ckpt/tests/runs.lua SOURCE BUILD [DAMAGES] -- what a checkpoint of one run is in another:
-- on each machine a subtree, of a process manager, too, is saved and its file taken out; on each
-- machine, whichever it came from, it goes on below others and prints what it would have printed. DAMAGES copies (32)
-- with one bit changed somewhere or their end cut off: where that byte says anything, one line tells
-- so and nothing is started; where it says nothing, all goes on. SPDX-License-Identifier: MIT
local source, build, damages = arg[1] or ".", arg[2] or ".", tonumber(arg[3] or os.getenv("CKPT_DAMAGES") or 32)
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local AT_ONCE, PAGE, HEADER = 8, 4096, 64

-- What is saved: below what, when (nanoseconds), with how much room; and below what it goes on.
local COMPUTE = { subtree = "null/compute(n=20000)", above = "", at = 5000000, room = "size=1m,objects=1m",
    later = "null*3/" }
local cases = {
    COMPUTE,
    { subtree = "procmgr(procs=8)/forktest(depth=2,kib=4,times=200)", above = "null/", at = 60000000,
        room = "size=2m,objects=2m", later = "pager(frames=900)/null*2/" },
    { subtree = 'null/procmgr(procs=12)/sh(c="forktest depth=2 times=100 | cat | cat; hello | cat")', above = "",
        at = 90000000, room = "size=4m,objects=2m", later = 'tracer(to="/log")/' },
    { subtree = "compute(n=200000)", above = "procmgr/", at = 20000000, room = "size=3m,objects=1m", later = "null/" },
    { subtree = "compute(n=200000)", above = "null/", at = 20000000, room = "size=3m,objects=1m",
        later = "null*2/procmgr/" },
}

local dir = lib.capture("mktemp -d"):match("%S+")
local failed = 0

local function check(good, what, text)
    print((good and "PASS " or "FAIL ") .. what)
    if not good then
        failed = failed + 1
        print(text)
    end
end

local function write(name, bytes)
    local file = assert(io.open(dir .. "/" .. name, "wb"))
    file:write(bytes)
    file:close()
end

local function read(name)
    local file = assert(io.open(dir .. "/" .. name, "rb"))
    local bytes = file:read("a")
    file:close()
    return bytes
end

-- The suite's file system with these files of ours in it.
local function initrd(names)
    local tar = dir .. "/with.tar"
    lib.capture(("cp %s/monitors/tests/tests.tar %s && tar --format=ustar -rf %s -C %s %s"):format(
        build, tar, tar, dir, table.concat(names, " ")))
    return tar
end

-- Out of a run: what it printed, and the file.
local function take_out(machine, case)
    local text = machine.run { nest = ("[%sckpt(to=x,at=%d,stop=1,%s)/%s, export(file=x,wait=90000000000)]")
        :format(case.above, case.at, case.room, case.subtree), memory = 512 }
    local lines = {}
    local rest = text:gsub("x: ([%w+/=]+)\n", function(line)
        lines[#lines + 1] = line
        return ""
    end)
    write("x.base64", table.concat(lines, "\n"))
    lib.capture(("base64 -d %s/x.base64 >%s/x"):format(dir, dir))
    return rest, read("x")
end

-- Whether the file says anything at this byte: the header, pages in use, the lists.
local function speaks(bytes, at)
    local meta, meta_bytes = string.unpack("<I8I8", bytes, 25)
    if at < HEADER or at >= meta then return at < meta + meta_bytes end
    local page = at // PAGE - 1
    return page >= 0 and string.unpack("<I8", bytes, meta + 7 * 8 + page * 8 + 1) ~= 0
end

local function damaged(bytes, number)
    local meta = string.unpack("<I8", bytes, 25)
    if number % 4 == 0 then return bytes:sub(1, math.random(0, #bytes - 1)), true end
    local at = number % 4 == 1 and math.random(0, HEADER - 1) or number % 4 == 2 and math.random(meta, #bytes - 1) or
        math.random(0, meta - 1)
    local changed = string.char(bytes:byte(at + 1) ~ (1 << math.random(0, 7)))
    return bytes:sub(1, at) .. changed .. bytes:sub(at + 2), speaks(bytes, at)
end

local function sorted(text)
    local lines = {}
    for line in text:gmatch("[^\n]*\n") do lines[#lines + 1] = line end
    table.sort(lines)
    return table.concat(lines)
end

-- A few at a time, side by side: each has its own line, or its own whole output.
local function try_damaged(machine, bytes, want, first, last)
    local names, nests, expected, refused = {}, {}, "", 0
    for number = first, last do
        local name = "d" .. number
        local copy, wrong = damaged(bytes, number)
        write(name, copy)
        names[#names + 1] = name
        nests[#nests + 1] = ("ckpt(restore=%s,%s)/%s"):format(name, COMPUTE.room, COMPUTE.subtree)
        expected = expected .. (wrong and "ckpt: " .. name .. ": refused\n" or want)
        refused = refused + (wrong and 1 or 0)
    end
    local text, code = machine.run { nest = "[" .. table.concat(nests, ", ") .. "]", initrd = initrd(names),
        memory = 512 }
    local plain = text:gsub("(ckpt: d%d+: )it [^;\n]*; nothing was started\n", "%1refused\n")
    check(sorted(plain) == sorted(expected) and code == (refused > 0 and 1 or 0),
        ("%s: %d damaged copies, %d of them refused"):format(machine.name, last - first + 1, refused), text)
end

math.randomseed(1996)
local machines, saved = lib.machines(build), {}
for _, case in ipairs(cases) do
    local want = machines[1].run { nest = case.above .. case.subtree, memory = 512 }
    case.want = want
    for _, from in ipairs(machines) do
        local rest, bytes = take_out(from, case)
        saved[from.name] = saved[from.name] or bytes
        check(rest == "" and #bytes > PAGE, ("%s: %s taken out, %d bytes"):format(from.name, case.subtree, #bytes),
            rest)
        for _, to in ipairs(machines) do
            local text, code = to.run { nest = ("%sckpt(restore=x,%s)/%s"):format(case.later, case.room, case.subtree),
                initrd = initrd { "x" }, memory = 512 }
            check(text == want and code == 0, ("from %s, goes on below %s in another run of %s"):format(from.name,
                case.later, to.name), text)
        end
    end
end
for _, machine in ipairs(machines) do
    for first = 1, damages, AT_ONCE do
        try_damaged(machine, saved[machine.name], COMPUTE.want, first, math.min(damages, first + AT_ONCE - 1))
    end
end
os.execute("rm -rf " .. dir)
print(failed .. " failed")
os.exit(failed > 0 and 1 or #machines == 0 and 77 or 0)
