-- kernel/tests/run.lua -- runs the in-guest tests: run.lua SOURCE BUILD [MACHINE [TEST]].
-- A case passes when the machine ends with code 0 and its console has a line PASS and none FAIL.
-- Machines: qemu (qemu-system-x86_64, by TCG), flatfish (the simulator of this build).
-- SPDX-License-Identifier: MIT
local source, build, only_machine, only_test = arg[1] or ".", arg[2] or ".", arg[3], arg[4]
local cases = dofile(source .. "/kernel/tests/cases.lua")

local function capture(command)
    local pipe = assert(io.popen(command .. " 2>&1; echo \"exit=$?\""))
    local text = pipe:read("a")
    pipe:close()
    return text, tonumber(text:match("exit=(%d+)%s*$"))
end

local function exists(command)
    return os.execute("command -v " .. command .. " >/dev/null 2>&1") == true
end

local machines = {
    {
        name = "qemu",
        there = exists("qemu-system-x86_64"),
        command = function(case)
            return string.format(
                "timeout %d qemu-system-x86_64 -accel tcg -cpu %s -m %d -display none -no-reboot " ..
                "-nodefaults -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 " ..
                "-kernel %s/kernel/fk.elf -initrd %s/kernel/tests/initrd.tar -append 'root=%s.elf%s' </dev/null",
                case.seconds or 300, case.cpu or "max", case.memory or 64, build, build, case[1],
                case.append and " " .. case.append or "")
        end,
        good = function(code) return code == 1 end, -- isa-debug-exit: (0 << 1) | 1
    },
    {
        name = "flatfish",
        there = os.execute("test -x " .. build .. "/flatfish") == true,
        command = function(case)
            return string.format(
                "timeout %d %s/flatfish run --kernel %s/kernel/fk.elf --initrd %s/kernel/tests/initrd.tar " ..
                "--mem %d --append 'root=%s.elf%s' </dev/null",
                case.seconds or 300, build, build, build, case.memory or 64, case[1],
                case.append and " " .. case.append or "")
        end,
        good = function(code) return code == 0 end,
    },
}

local function describe(case)
    local parts = {}
    for _, key in ipairs { "append", "memory", "cpu" } do
        if case[key] then parts[#parts + 1] = key .. "=" .. case[key] end
    end
    return #parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or ""
end

local passed, failed = 0, 0
for _, machine in ipairs(machines) do
    if machine.there and (not only_machine or only_machine == machine.name) then
        for _, case in ipairs(cases) do
            local here = machine.name == "qemu" or not case.cpu
            if here and (not only_test or only_test == case[1]) then
                local text, code = capture(machine.command(case))
                text = text:gsub("\r", "")
                local good = machine.good(code) and ("\n" .. text):find("\nPASS\n") and
                    not ("\n" .. text):find("\nFAIL")
                print(string.format("%s %s %s%s", good and "PASS" or "FAIL", machine.name, case[1],
                    describe(case)))
                if good then passed = passed + 1 else failed = failed + 1; print(text) end
                if good and os.getenv("V") then print(text) end
            end
        end
    end
end
print(string.format("%d passed, %d failed", passed, failed))
os.exit(failed > 0 and 1 or passed == 0 and 77 or 0)
