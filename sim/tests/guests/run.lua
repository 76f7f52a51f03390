-- sim/tests/guests/run.lua -- boots every case of cases.lua on one machine and compares.
-- Usage: lua5.4 run.lua SOURCE-FOLDER BUILD-FOLDER qemu|rom|flatfish COMMAND [NAME...]
-- qemu: QEMU boots the guest. rom: our boot ROM and loader boot it, on QEMU.
-- SPDX-License-Identifier: MIT
local source, build, machine, command = arg[1], arg[2], arg[3], arg[4]
local cases = dofile(source .. "/cases.lua")
local only = {}
for i = 5, #arg do
    only[arg[i]] = true
end

local function quote(text)
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What `never` means on a clock: QEMU cannot tell that a machine sleeps for ever.
local patience = 60
local asleep = 3

local function memory(case)
    return case.mem or 64
end

local machines = {}

local function qemu_line(case, how)
    local line = command .. how .. " -display none -serial stdio -monitor none -no-reboot" ..
        " -device isa-debug-exit,iobase=0xf4,iosize=4"
    if case.cpu and case.cpu.qemu then
        line = line .. " -cpu " .. case.cpu.qemu
    end
    local status = case.ends == "triple" and 0 or case.ends == "never" and 124 or
        ((case.exit or 0) << 1 | 1) & 255
    return line, status
end

function machines.qemu(case)
    return qemu_line(case, (" -kernel %s/%s.elf -m %d -append %s"):format(build, case.guest,
        memory(case), quote(case.append or "")))
end

function machines.rom(case)
    local tool = assert(io.popen(("sim/tests/boot_dump sim/firmware/boot.rom %s/%s.elf - %s %d %s")
        :format(build, case.guest, quote(case.append or ""), memory(case), os.getenv("DUMP"))))
    local options = tool:read("l")
    assert(tool:close(), "boot_dump failed")
    return qemu_line(case, " -vga none -net none " .. options)
end

function machines.flatfish(case)
    local line = command .. " run --quiet --kernel " .. build .. "/" .. case.guest .. ".elf" ..
        " --mem " .. memory(case)
    if case.append then
        line = line .. " --append " .. quote(case.append)
    end
    if case.cpu and case.cpu.flatfish then
        line = line .. " --cpu " .. case.cpu.flatfish
    end
    return line, case.ends and 1 or case.exit or 0
end

-- Types the input once the guest says it is ready; gives what it printed and its exit status.
local function run(case)
    local out, go = os.tmpname(), os.tmpname()
    local line, want = machines[machine](case)
    local limit = case.ends == "never" and machine ~= "flatfish" and asleep or patience
    local feed = "< /dev/null"
    if case.input then
        feed = "< " .. go
        os.remove(go)
        os.execute("mkfifo " .. go)
        os.execute(("(exec 3> %s; for i in $(seq 600); do grep -q %s %s && break; sleep 0.1; done;" ..
            " printf %%s %s >&3; sleep 1) > /dev/null 2>&1 &"):format(go,
            quote(case.ready:gsub("\n", "")), out, quote(case.input)))
    end
    local _, _, status = os.execute(("timeout %d %s %s > %s 2> %s.err"):format(limit, line, feed,
        out, out))
    local file = assert(io.open(out, "rb"))
    local text = file:read("a"):gsub("\r\n", "\n")
    file:close()
    for _, name in ipairs {out, go, out .. ".err"} do
        os.remove(name)
    end
    return text, status, want
end

local passed, failed = 0, 0
for _, case in ipairs(cases) do
    if (not next(only) or only[case.guest]) and (not case.only or case.only == machine) then
        local text, status, want = run(case)
        local good = text == case.out and status == want
        if good then
            passed = passed + 1
        else
            failed = failed + 1
            print(("FAIL %s %s: status %d, wanted %d; output %q, wanted %q"):format(case.guest,
                case.append or "", status, want, text, case.out))
        end
    end
end
print(("%s: %d guests passed, %d failed"):format(machine, passed, failed))
os.exit(failed == 0 and passed > 0)
