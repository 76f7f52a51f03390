-- tests/machines.lua -- a command run for what it prints and how it ends, and QEMU as a machine for the
-- guest: require gives { capture, quote, exists, within, qemu, qemu_code, ending }.
-- Limits count the program's own seconds, so a loaded or paused host fails nobody; what waits for ever
-- ends too, after a time that no test needs.
-- SPDX-License-Identifier: MIT
local machines = {}

function machines.quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

function machines.exists(command)
    return os.execute("command -v " .. command .. " >/dev/null 2>&1") == true
end

local function take(name)
    local file <close> = assert(io.open(name))
    local text = file:read("a")
    os.remove(name)
    return (text:gsub("\r", ""))
end

-- What it prints, its exit code, what it says of errors. By way of files: QEMU drops what a slow reader
-- of a pipe does not take at once.
function machines.capture(command)
    local printed, said = os.tmpname(), os.tmpname()
    local _, _, code = os.execute(string.format("{ %s; } >%s 2>%s", command, printed, said))
    return take(printed), code, take(said)
end

-- The command, with so many seconds of a processor at most.
function machines.within(seconds, command)
    return string.format("prlimit --core=0 --cpu=%d:unlimited timeout -k 5 1500 %s", seconds, command)
end

-- options: seconds, memory (MiB), cpu, more, kernel, initrd, append.
function machines.qemu(options)
    return machines.within(options.seconds or 300, string.format(
        "qemu-system-x86_64 -accel tcg -cpu %s -m %d -display none -no-reboot -nodefaults " ..
        "-serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 %s -kernel %s -initrd %s -append %s",
        options.cpu or "max", options.memory, options.more or "", options.kernel, machines.quote(options.initrd),
        machines.quote(options.append)))
end

-- The guest's code by QEMU's: its exit device gives (code << 1) | 1; minus QEMU's own where the guest gave none.
function machines.qemu_code(code) return code % 2 == 1 and code >> 1 or -code end

-- How a command within its limits ended, in words for a reader of a log.
function machines.ending(status)
    if status == 152 then return "stopped: all its seconds of a processor are used up" end
    if status == 124 or status == 137 then return "stopped: it had waited for 25 minutes" end
    return "exit status " .. status
end

return machines
