-- monitors/tests/tracer.lua SOURCE BUILD -- the tracer says the same twice, in text and in the trace; it leaves
-- out what was not chosen; and its proxies end with what they stand for, so that a child can open
-- files for ever. SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local failed, passed = 0, 0

local function check(good, what)
    passed, failed = passed + (good and 1 or 0), failed + (good and 0 or 1)
    if not good then print("FAIL " .. what) end
end

-- Operation -> how often: lines of the log, marks of requests, marks of answers.
local function watch(nest)
    local trace = lib.capture("mktemp -d"):match("%S+")
    local text, code = lib.capture(lib.within(300, ("%s/flatfish run %s --quiet --force --trace %s </dev/null"):format(
        build, lib.quote(nest), trace)))
    check(code == 0, nest .. ": exit code " .. code)
    local lines, asked, answered = {}, {}, {}
    local function add(t, key) t[key] = (t[key] or 0) + 1 end
    for line in text:gmatch("[^\n]+") do
        local operation = line:match("^%w+: (%l+%.[%l_]+)%(.*%)")
        if operation then add(lines, operation) end
    end
    local marks = io.popen(("%s/flatfish trace export --format csv --kind mark %s"):format(build, trace))
    for line in marks:lines() do
        local operation, answer = line:match('"(%l+%.[%l_]+)( ?=?)"$')
        if operation then add(answer == " =" and answered or asked, operation) end
    end
    marks:close()
    os.execute("rm -rf " .. trace)
    return lines, asked, answered
end

local function same(a, b)
    for k, n in pairs(a) do if b[k] ~= n then return false end end
    for k, n in pairs(b) do if a[k] ~= n then return false end end
    return true
end

local lines, asked, answered = watch("tracer/readtest(kib=64,times=2)")
check(same(lines, asked) and same(lines, answered), "lines and marks differ")
check(lines["file.read"] == 10, "reads: 2 times 4 pieces and the end, not " .. tostring(lines["file.read"]))
check(lines["filesystem.open"] == 2 and lines["file.close"] == 2 and lines["parent.exit"] == 1, "open, close, exit")
check(lines["mempool.alloc"] and lines["parent.start"] == 1 and lines["scheduler.attach"], "what a child begins with")

lines, asked = watch("tracer(only=filesystem)/readtest(kib=64,times=2)")
check(same(lines, { ["filesystem.open"] = 2, ["filesystem.unlink"] = 1 }) and same(lines, asked), "only=filesystem")

-- 1 MiB of kernel objects: not enough for the proxies of all files that are opened, by far.
local _, code = lib.capture(lib.within(300, ("%s/flatfish run %s --quiet </dev/null"):format(build,
    lib.quote('null(objects=1m)/tracer(to="/log")/readtest(kib=1,times=3000,open=1)'))))
check(code == 0, "opening 3000 files, one after another: exit code " .. code)

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed > 0 and 1 or 0)
