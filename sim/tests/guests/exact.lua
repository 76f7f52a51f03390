-- sim/tests/guests/exact.lua -- runs every guest that needs no typing twice under flatfish, the second
-- time on a busy computer, and compares. Usage: lua5.4 exact.lua SOURCE-FOLDER BUILD-FOLDER COMMAND
-- SPDX-License-Identifier: MIT
local source, build, command = arg[1], arg[2], arg[3]
local cases = dofile(source .. "/cases.lua")

-- Crossings that a guest makes by its nature, as a function of its n.
local counts = {
    {guest = "pingpong", n = 1234, events = {syscall = 1234, sysret = 1234, int = 1, iret = 1}},
    {guest = "faults", n = 700, events = {exception = 700, int = 700 // 256 + 1, syscall = 0}},
    {guest = "int80", n = 55, events = {sysenter = 110, sysexit = 110, int = 114, iret = 114}},
    {guest = "timer", n = 9, events = {interrupt = 18, exception = 0}},
    {guest = "vmx", n = 77, events = {vmenter = 77, vmexit = 77}},
    {guest = "svm", n = 77, cpu = "phenom_8650_toliman", events = {vmenter = 77, vmexit = 77}},
    {guest = "spaces", n = 10, events = {int = 13, exception = 0}},
    {guest = "storm", n = 321, events = {cr3 = 321 + 3}}, -- paging: load, on; home
    {guest = "marks", n = 6, events = {["begin"] = 2, ["end"] = 2, mark = 9, exit = 1}},
    {guest = "triple", n = 0, events = {exit = 0}},
    {guest = "walker", n = 0, events = {exception = 24}},
    {guest = "traps", what = 0, n = 13, events = {int = 4 * 13 + 1, iret = 4 * 13 + 1, exception = 0}},
    {guest = "traps", what = 1, n = 13, events = {exception = 2 * 13, iret = 2 * 13}},
    -- a page fault, the missing gate, the double fault; one way back
    {guest = "traps", what = 2, n = 13, events = {exception = 3 * 13, iret = 13}},
    {guest = "traps", what = 3, n = 13, events = {exception = 13 + 1, iret = 13 + 1}},
    {guest = "traps", what = 4, n = 13, events = {exception = 4 * 13 + 1, iret = 4 * 13 + 1}},
    {guest = "traps", what = 5, n = 13, events = {exception = 0, interrupt = 0, iret = 0}},
    {guest = "traps", what = 6, n = 13, events = {exception = 2 * 13 + 4, iret = 2 * 13 + 5, int = 1}},
    {guest = "traps", what = 7, n = 13,
     events = {syscall = 13, sysret = 13, exception = 3 * 13 + 2, iret = 3 * 13 + 3}},
    {guest = "traps", what = 8, n = 13, events = {exception = 2 * 13, iret = 2 * 13}},
    {guest = "traps", what = 9, n = 13, events = {exception = 13 + 2, iret = 13 + 2}},
    {guest = "traps", what = 10, n = 13, events = {exception = 2, iret = 2}},
    {guest = "traps", what = 11, n = 13, events = {farcall = 13, int = 13, iret = 13}},
    {guest = "traps", what = 12, n = 13, events = {farcall = 0, int = 0, iret = 0}},
}

local stats = os.tmpname()

-- The statistics of one run as text; the digest is in them.
local function run(guest, append, options)
    os.remove(stats)
    os.execute(("timeout 120 %s run --quiet --digest --stats %s --kernel %s/%s.elf --append '%s' %s" ..
        " < /dev/null > /dev/null 2>&1"):format(command, stats, build, guest, append, options))
    local file = io.open(stats)
    local text = file and file:read("a") or ""
    if file then
        file:close()
    end
    return text
end

local function number(text, name)
    return tonumber(text:match('"' .. name .. '": (%d+)')) or -1
end

local passed, failed = 0, 0
local function check(good, what, ...)
    if good then
        passed = passed + 1
    else
        failed = failed + 1
        print("FAIL " .. what:format(...))
    end
end

local function options_of(case)
    local cpu = case.cpu and (type(case.cpu) == "string" and case.cpu or case.cpu.flatfish)
    return (cpu and "--cpu " .. cpu or "") .. (case.mem and " --mem " .. case.mem or "") ..
        " " .. (case.options or "")
end

local function same_twice(case)
    local first = run(case.guest, case.append or "", options_of(case))
    local second = run(case.guest, case.append or "", options_of(case))
    local name = case.guest .. " " .. (case.append or "")
    local digest = first:match('"whole": "(%x+)"')
    local charged = 0
    for n in first:gmatch('"instructions": (%d+)') do
        charged = charged + tonumber(n)
    end
    check(digest and digest == second:match('"whole": "(%x+)"'), "%s: digests differ", name)
    check(number(first, "icount") == number(second, "icount"), "%s: lengths differ", name)
    check(charged > 0 and charged == number(first, "icount"), "%s: %d instructions charged of %d",
        name, charged, number(first, "icount"))
end

-- Looking does not change what is seen: tracing, snapshots, a watchdog and a log leave the digest as
-- it is. Jitter changes it, in the same way for the same seed.
local function same_armed(guest, append)
    local folder = os.tmpname()
    os.remove(folder)
    local function digest(options)
        return run(guest, append, options):match('"whole": "(%x+)"') or "none at all"
    end
    local plain = digest("")
    for _, options in ipairs {"--trace " .. folder, "--trace " .. folder .. " --trace-last 1000",
        "--snapshots=5", "--stall 50000000", "--log " .. folder .. ".log", "--max-instr 900000000"} do
        check(digest(options) == plain, "%s: another digest with %s", guest, options)
        os.execute("rm -rf " .. folder .. " " .. folder .. ".log")
    end
    check(digest("--jitter 7") == digest("--jitter 7"), "%s: jitter 7 is not reproducible", guest)
end

-- Two busy loops for as long as we live: they end when their parent does.
local function load_begin()
    local pipe = assert(io.popen("exec sh -c '" ..
        "for i in 1 2; do nice sh -c \"while kill -0 $$ 2> /dev/null; do :; done\" & done; cat'", "w"))
    return pipe
end

for _, case in ipairs(counts) do
    local append = "n=" .. case.n .. (case.what and " what=" .. case.what or "")
    local text = run(case.guest, append, options_of(case))
    for kind, want in pairs(case.events) do
        check(number(text, kind) == want, "%s %s: %d events %s, wanted %d", case.guest, append,
            number(text, kind), kind, want)
    end
end
for _, guest in ipairs {"timer", "rep", "faults", "spaces", "mwait"} do
    same_armed(guest, "n=20")
end
local busy = load_begin()
for _, case in ipairs(cases) do
    if not case.input and (not case.only or case.only == "flatfish") and (case.mem or 0) < 1024 then
        same_twice(case)
    end
end
for _, options in ipairs {"--input-at '100k:hello\\n' --input-at '5M:more q'",
    "--input-at '100k:hello\\n' --max-instr 300k"} do
    same_twice({guest = "echo", options = options})
end
for seed = 1, 3 do
    for _, guest in ipairs {"wild", "crashme", "hostile"} do
        same_twice({guest = guest, append = "ring=0 what=9 seed=" .. seed, options = "--max-instr 3M"})
    end
end
busy:close()
os.remove(stats)
print(("exact: %d checks passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
