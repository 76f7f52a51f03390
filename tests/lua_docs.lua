#!/usr/bin/env lua5.4
-- Every example of docs/lua.md runs; every function and method that there is, or that the text speaks of, is in
-- an example, and those of the module are in the editor's annotations. -- SPDX-License-Identifier: MIT
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
local good, out = run('for k in pairs(flatfish) do print(k) end print("report experiment")')
check(good, "the module can be listed", out)
for name in out:gmatch("[%w_]+") do
    local used = name == "goto" or all:find("flatfish%." .. name .. "%f[^%w_]")
    check(used, "docs/lua.md has no example of flatfish." .. name)
    check(meta:find("flatfish%." .. name .. "%f[^%w_]") or name == "goto", "flatfish.meta.lua lacks flatfish." .. name)
end

-- Methods, as the objects have them.
good, out = run([[
flatfish.machine { guest = "pingpong", mem = 64 }
local function methods(what, o)
    local index = debug.getmetatable(o).__index
    for name in pairs(type(index) == "table" and index or o) do print(what, name) end
end
methods("hook", flatfish.at(1, print))
methods("count", flatfish.count { by = { "kind" } })
methods("memory", flatfish.phys)
methods("canvas", flatfish.canvas { path = "x.svg", width = 9, height = 9 })
for name in pairs(flatfish.nest()) do print("nest", name) end
methods("table", flatfish.report.table { columns = {}, rows = {} })
for name in pairs(flatfish.report) do print("report", name) end
for name in pairs(getmetatable(require("lib.cost").load "equal").__index) do print("model", name) end
local _, words = pcall(function() return flatfish.space().nothing end)
for name in words:match("%((.*)%)$"):gmatch("%w+") do print("space", name) end
]])
check(good, "the methods can be listed", out)
local seen = 0
for what, name in out:gmatch("(%w+)\t([%w_]+)\n") do
    seen = seen + 1
    local mark = (what == "space" or what == "report") and "[.:]" or ":"
    check(name:find("^__") or all:find(mark .. name .. "%f[^%w_]"), ("docs/lua.md has no example of %s:%s"):format(what, name))
end
check(seen > 50, "there are methods")

-- What the text calls a function, by a name and a parenthesis.
local prose = read(srcdir .. "/docs/lua.md"):gsub("```.-```", "")
for code in prose:gmatch("`([^`]+)`") do
    for name in code:gmatch("([%a_][%w_]*)%(") do
        check(name == "fn" or all:find("%f[%w_]" .. name .. "%f[^%w_]"), "docs/lua.md speaks of " .. name .. "() and has no example")
    end
end
for name in read(srcdir .. "/sim/lua/fields.def"):gmatch("\nFIELD%((%w+)") do
    check(prose:find("`" .. name .. "`", 1, true), "docs/lua.md does not name the event's field " .. name)
end
check(loadfile(srcdir .. "/lua-scripts/flatfish.meta.lua"), "the annotations are Lua")
os.execute("rm -rf " .. folder)
print(("lua_docs: %d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and #examples > 10)
