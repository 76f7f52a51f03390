-- monitors/tests/cost.lua SOURCE BUILD -- what a program costs after its start is the same however
-- deep it is: under eight nesters that add nothing it makes exactly the same kernel calls, and takes
-- the same instructions within 0.1 %; a pager with enough frames costs at most 1 %, and 5 % where
-- memory is all that is used, once it was touched. Measured by the program's own markers (region 1), exact.
-- SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local dir = os.getenv("TMPDIR") or "/tmp"

-- Instructions and system calls between BEGIN and END of region 1.
local function measure(nest)
    local trace = dir .. "/flatfish-cost-" .. os.time() .. "-" .. tostring(nest:gsub("%W", "_"))
    local _, code = lib.capture(string.format("timeout 300 %s/flatfish run %s --quiet --trace %s",
        build, lib.quote(nest), trace))
    assert(code == 0, nest .. ": exit code " .. code)
    local csv = assert(io.popen(build .. "/flatfish trace export --format csv --kind " ..
        "begin,end,syscall,interrupt " .. trace))
    local from, to, calls, ticks = nil, nil, 0, 0
    for line in csv:lines() do
        local icount, event = line:match("^(%d+),(%a+)")
        if event == "begin" then from = tonumber(icount)
        elseif event == "end" then to = tonumber(icount)
        elseif from and not to and event == "syscall" then calls = calls + 1
        elseif from and not to and event == "interrupt" then ticks = ticks + 1 end
    end
    csv:close()
    os.execute("rm -rf " .. trace)
    return assert(to, nest .. ": no markers") - from, calls, ticks
end

local failed = 0
local rows = { -- layers, program, percent
    { "null*8/", "hello(times=20)", 0.1 },
    { "null*8/", "compute(n=30000)", 0.1 },
    { "pager(frames=512)/", "compute(n=30000)", 1 },
    { "pager(frames=2048)/pager(frames=1024)/", "compute(n=30000)", 1 },
    { "pager(frames=1024)/", "pattern(pages=512,length=300000,touched=1,write=1)", 5 },
    { "pager(frames=2048)/", "memtest(mib=1)", 5 },
}
for _, row in ipairs(rows) do
    local layers, program, percent = table.unpack(row)
    local bare, bare_calls, bare_ticks = measure(program)
    local deep, deep_calls, deep_ticks = measure(layers .. program)
    -- A tick of the clock inside or just outside the region is not the program's doing.
    local off = math.abs(deep - bare) / bare * 100
    local good = (percent > 0.1 or deep_calls == bare_calls) and
        (off <= percent or (deep_ticks ~= bare_ticks and off <= percent + 100 * 1500 / bare))
    print(string.format("%s %s: %d instructions, %d calls, %d ticks; under %s %d (%+.4f %%), %d calls, %d ticks",
        good and "PASS" or "FAIL", program, bare, bare_calls, bare_ticks, layers, deep,
        (deep - bare) / bare * 100, deep_calls, deep_ticks))
    if not good then failed = failed + 1 end
end
os.exit(failed > 0 and 1 or 0)
