-- monitors/tests/lib.lua -- runs a nest on a machine: require gives { capture, quote, machines }, and
-- machines(BUILD) is a list of { name, run = function(case) -> what the nest printed, exit code, how it ended,
-- command = function(case) -> its command line, code = function(status) -> exit code }.
-- How fast the host is does not matter: QEMU's clocks, too, go by instructions.
-- SPDX-License-Identifier: MIT
local source = debug.getinfo(1, "S").source:match("^@(.*)monitors/tests/lib%.lua$")
package.path = source .. "tests/?.lua;" .. package.path
local machines = require("machines")
local quote = machines.quote
local lib = { capture = machines.capture, quote = quote, within = machines.within }

-- What is typed at it, and where it comes from; `input` is as printf has it. That it ends Flatfish
-- tells the nest by itself, as with the byte that QEMU gets here.
local function typed(case, name)
    if name == "qemu" then return "printf " .. quote((case.input or "") .. "\\034") .. " | " end
    return case.input and "printf " .. quote(case.input) .. " | " or "</dev/null "
end

-- The file system that it starts with.
local function initrd_of(case, build) return case.initrd or build .. "/monitors/tests/tests.tar" end

-- What comes after the kernel's own greeting.
local function said(text) return text:match("flatfish kernel:[^\n]*\n(.*)$") or text end

-- A machine: its name, its command line for a case, what the case's exit code is by the command's.
local function machine(name, command, code)
    return { name = name, command = command, code = code, run = function(case)
        local text, status, errors = machines.capture(typed(case, name) .. command(case))
        return said(text), code(status), machines.ending(status) .. "\n" .. errors
    end }
end

function lib.machines(build)
    local there = {}
    if machines.exists("qemu-system-x86_64") then
        there[#there + 1] = machine("qemu", function(case)
            return machines.qemu {
                seconds = case.seconds, memory = case.memory or 256, more = "-icount shift=3,sleep=off",
                kernel = build .. "/kernel/fk.elf", initrd = initrd_of(case, build),
                append = "root=bin/kserver nest=" .. case.nest .. (case.args and " -- " .. case.args or ""),
            }
        end, machines.qemu_code)
    end
    if os.execute("test -x " .. build .. "/flatfish") then
        there[#there + 1] = machine("flatfish", function(case)
            return machines.within(case.seconds or 300, string.format(
                "%s/flatfish run %s --initrd %s --quiet --mem %d %s %s", build, quote(case.nest),
                quote(initrd_of(case, build)), case.memory or 256, case.options or "",
                case.args and "-- " .. case.args or ""))
        end, function(code) return code end)
    end
    return there
end

return lib
