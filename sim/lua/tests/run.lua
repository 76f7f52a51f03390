#!/usr/bin/env lua5.4
-- Every script of this folder ends as its second line says, and none hangs. A third line names the guest,
-- when it is not pingpong, or how many seconds the sandbox gives, when not 10. Usage: run.lua [NAME...]
-- in the build folder, srcdir set. -- SPDX-License-Identifier: MIT
local srcdir = os.getenv("srcdir") or "."
local folder = srcdir .. "/sim/lua/tests/"
local line = "timeout 120 ./flatfish run --kernel sim/tests/guests/%s.elf --append '%s' --mem 64 --quiet " ..
    "--sandbox --sandbox-time %d --script '%s' < /dev/null 2>&1; echo \"code $?\""

local function names()
    if arg[1] then return arg end
    local list = {}
    for name in io.popen("cd '" .. folder .. "' && ls *.lua"):lines() do
        if name ~= "run.lua" then list[#list + 1] = name:gsub("%.lua$", "") end
    end
    return list
end

local function matches(out, patterns)
    if patterns == "" then return true end
    for pattern in patterns:gmatch("[^|]+") do
        if out:find(pattern) then return true end
    end
    return false
end

local passed, failed = 0, 0
for _, name in ipairs(names()) do
    local f = assert(io.open(folder .. name .. ".lua"))
    local property, want, third = f:read("l", "l", "l")
    f:close()
    local code, patterns = want:match("^%-%- want: (%d+) ?(.*)$")
    local guest, append = (third or ""):match("^%-%- guest: ([^%s,]+) ?([^,]*)")
    local seconds = (third or ""):match("seconds: (%d+)") or 10
    local pipe = io.popen(line:format(guest or "pingpong", append or "n=5000", seconds, folder .. name .. ".lua"))
    local out = pipe:read("a")
    pipe:close()
    local got = out:match("code (%d+)\n$")
    if got == code and matches(out, patterns) then
        passed = passed + 1
    else
        failed = failed + 1
        print(("FAILED: %s: %s\n  code %s, wanted %s: %s"):format(name, property, got, want, out:sub(1, 600)))
    end
end
print(("run.lua: %d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
