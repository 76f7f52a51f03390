-- monitors/tests/fair.lua SOURCE BUILD -- what a sibling does is no matter: beside one that eats all
-- the memory, kernel objects, threads or files it can get, over and over, a program prints the same,
-- and takes the same time within 1 % as beside one that only computes. And shares of the CPU hold: two
-- that compute get half each, cpu=N gets N thousandths. Who holds serving threads delays nobody else.
-- SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local tar = build .. "/monitors/tests/tests.tar"

-- Instructions from the program's BEGIN to its END, by its markers; its output; instructions from
-- the start of the machine to that END.
local function measure(nest)
    local trace = os.tmpname()
    os.remove(trace)
    local text, code = lib.capture(lib.within(300, ("%s/flatfish run %s --initrd %s --quiet --trace %s </dev/null"):format(
        build, lib.quote(nest), tar, trace)))
    assert(code == 0, nest .. ": exit code " .. code .. "\n" .. text)
    local csv = assert(io.popen(build .. "/flatfish trace export --format csv --kind begin,end " .. trace))
    local from, to
    for line in csv:lines() do
        local icount, event = line:match("^(%d+),(%a+)")
        if event == "begin" then from = tonumber(icount) elseif event == "end" then to = tonumber(icount) end
    end
    csv:close()
    os.execute("rm -rf " .. trace)
    return assert(to, nest .. ": no markers") - from, text:match("primes.*"), to
end

local failed = 0
local function check(good, ...)
    print((good and "PASS " or "FAIL ") .. string.format(...))
    if not good then failed = failed + 1 end
end

local program = "compute(n=200000)"
local alone, output = measure(program)
local beside = measure("[rogue(do=spin,ms=7000), " .. program .. "]")
check(math.abs(beside / alone - 2) < 0.04, "beside a spinning sibling: %.3f times as long", beside / alone)
for _, deed in ipairs { "memory", "objects", "threads", "files", "heap", "pools" } do
    local time, said = measure(string.format("[rogue(do=%s,again=1,ms=7000), %s]", deed, program))
    local off = (time / beside - 1) * 100
    check(math.abs(off) <= 1 and said == output, "beside one that eats %s: %+.2f %%", deed, off)
end
local time = measure("[asker(large=2,ms=7000,most=9000), " .. program .. "]")
check(math.abs(time / beside - 1) <= 0.01, "beside one whose threads wait for the root, for each other: %+.2f %%", (time / beside - 1) * 100)
local reader = "readtest(times=120)" -- so long that a turn of the CPU more or less is not seen
local others = "[rogue(do=grip,holders=%d,ms=3000), rogue(do=spin,ms=3000), %s]"
local _, _, apart = measure(others:format(0, reader))
local _, _, gripped = measure(others:format(3, reader))
check(gripped / apart - 1 <= 0.01, "reading while others hold the file system: %+.2f %%", (gripped / apart - 1) * 100)
local fifth = measure("[null(cpu=200)/" .. program .. ", rogue(do=spin,ms=16000)]")
check(math.abs(fifth / alone - 5) < 0.25, "cpu=200 beside a spinning sibling: %.3f times as long", fifth / alone)
os.exit(failed > 0 and 1 or 0)
