-- monitors/tests/lib.lua -- runs a nest on a machine: lib.open(SOURCE, BUILD) gives
-- machines, a list of { name, run = function(case) -> what the nest printed, exit code,
-- command = function(case) -> its command line, code = function(status) -> exit code }.
-- SPDX-License-Identifier: MIT
local lib = {}

-- By way of a file: QEMU drops what a slow reader of a pipe does not take at once.
local function capture(command)
    local name = os.tmpname()
    os.execute("{ " .. command .. "; } 2>/dev/null >" .. name .. "; echo \"exit=$?\" >>" .. name)
    local file = assert(io.open(name))
    local text = file:read("a"):gsub("\r", "")
    file:close()
    os.remove(name)
    local code = tonumber(text:match("exit=(%d+)%s*$"))
    text = text:gsub("exit=%d+%s*$", "")
    return text, code
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

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
        local text, status = capture(typed(case, name) .. command(case))
        return said(text), code(status)
    end }
end

function lib.machines(build)
    local there = {}
    if os.execute("command -v qemu-system-x86_64 >/dev/null 2>&1") then
        there[#there + 1] = machine("qemu", function(case)
            local append = "root=bin/kserver nest=" .. case.nest ..
                (case.args and " -- " .. case.args or "")
            return string.format(
                "timeout %d qemu-system-x86_64 -accel tcg -cpu max -m %d -display none -no-reboot " ..
                "-nodefaults -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 " ..
                "%s -kernel %s/kernel/fk.elf -initrd %s -append %s", case.seconds or 120, case.memory or 256,
                case.qemu or "", build, quote(initrd_of(case, build)), quote(append))
        end, function(code) return code % 2 == 1 and code >> 1 or -code end)
    end
    if os.execute("test -x " .. build .. "/flatfish") then
        there[#there + 1] = machine("flatfish", function(case)
            return string.format("timeout %d %s/flatfish run %s --initrd %s --quiet --mem %d %s %s",
                case.seconds or 120, build, quote(case.nest), quote(initrd_of(case, build)), case.memory or 256,
                case.options or "", case.args and "-- " .. case.args or "")
        end, function(code) return code end)
    end
    return there
end

lib.capture = capture
lib.quote = quote
return lib
