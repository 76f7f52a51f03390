#!/usr/bin/env lua5.4
-- Every example of docs/lua.md runs, every function of the module is in an example and in the
-- editor's annotations. -- SPDX-License-Identifier: MIT
local srcdir = os.getenv("srcdir") or "."
local build = io.popen("pwd"):read("l")
local flatfish = build .. "/flatfish"

local function read(path)
    local f = assert(io.open(path, "rb"))
    local text = f:read("a")
    f:close()
    return text
end

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))
srcdir = io.popen("cd " .. srcdir .. " && pwd"):read("l")

local function run(text)
    local f = assert(io.open(folder .. "/example.lua", "w"))
    f:write(text)
    f:close()
    local pipe = io.popen(("cd %s && FLATFISH_CACHE=%s/cache timeout 120 %s script ./example.lua 2>&1 < /dev/null")
        :format(folder, folder, flatfish))
    local out = pipe:read("a")
    return pipe:close(), out
end

local failed, passed, examples = 0, 0, {}
local function check(good, what, more)
    if good then
        passed = passed + 1
    else
        failed = failed + 1
        print("FAILED: " .. what .. (more and "\n" .. more or ""))
    end
end

for example in read(srcdir .. "/docs/lua.md"):gmatch("```lua\n(.-)```") do
    examples[#examples + 1] = example
    local makes = example:find("flatfish.machine {", 1, true) or example:find("no_machine", 1, true)
    local good, out = run((makes and "" or 'flatfish.machine { nest = "null/compute(n=500)" }\n') .. example)
    check(good, "example " .. #examples .. " of docs/lua.md", example .. out)
end

local all, meta = table.concat(examples), read(srcdir .. "/lua-scripts/flatfish.meta.lua")
local good, out = run('for k in pairs(flatfish) do print(k) end')
check(good, "the module can be listed", out)
for name in out:gmatch("[%w_]+") do
    local used = name == "goto" or all:find("flatfish%." .. name .. "%f[^%w_]")
    check(used, "docs/lua.md has no example of flatfish." .. name)
    check(meta:find("flatfish%." .. name .. "%f[^%w_]") or name == "goto", "flatfish.meta.lua lacks flatfish." .. name)
end
check(loadfile(srcdir .. "/lua-scripts/flatfish.meta.lua"), "the annotations are Lua")
os.execute("rm -rf " .. folder)
print(("lua_docs: %d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and #examples > 10)
