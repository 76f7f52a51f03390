-- kernel/tests/run.lua -- runs the in-guest tests: run.lua SOURCE BUILD [MACHINE [TEST]].
-- A case passes when the machine ends with code 0 and its console has a line PASS and none FAIL.
-- Machines: qemu (qemu-system-x86_64, by TCG), flatfish (the simulator of this build).
-- SPDX-License-Identifier: MIT
local source, build, only_machine, only_test = arg[1] or ".", arg[2] or ".", arg[3], arg[4]
local cases = dofile(source .. "/kernel/tests/cases.lua")

package.path = source .. "/tests/?.lua;" .. package.path
local tools = require("machines")

local function append_of(case) return "root=" .. case[1] .. ".elf" .. (case.append and " " .. case.append or "") end

local machines = {
    {
        name = "qemu",
        there = tools.exists("qemu-system-x86_64"),
        command = function(case)
            return tools.qemu {
                seconds = case.seconds, memory = case.memory or 64, cpu = case.cpu,
                kernel = build .. "/kernel/fk.elf", initrd = build .. "/kernel/tests/initrd.tar",
                append = append_of(case),
            }
        end,
        code = tools.qemu_code,
    },
    {
        name = "flatfish",
        there = os.execute("test -x " .. build .. "/flatfish") == true,
        command = function(case)
            return tools.within(case.seconds or 300, string.format(
                "%s/flatfish run --kernel %s/kernel/fk.elf --initrd %s/kernel/tests/initrd.tar --mem %d --append %s",
                build, build, build, case.memory or 64, tools.quote(append_of(case))))
        end,
        code = function(code) return code end,
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
                local text, status, errors = tools.capture(machine.command(case) .. " </dev/null")
                local code = machine.code(status)
                local good = code == 0 and ("\n" .. text):find("\nPASS\n") and not ("\n" .. text):find("\nFAIL")
                print(string.format("%s %s %s%s", good and "PASS" or "FAIL", machine.name, case[1],
                    describe(case)))
                if good then passed = passed + 1 else
                    failed = failed + 1
                    print(tools.ending(status) .. "\n" .. errors .. text)
                end
                if good and os.getenv("V") then print(text) end
            end
        end
    end
end
print(string.format("%d passed, %d failed", passed, failed))
os.exit(failed > 0 and 1 or passed == 0 and 77 or 0)
