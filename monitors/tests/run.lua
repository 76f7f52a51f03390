-- monitors/tests/run.lua SOURCE BUILD [MACHINE [NEST]] -- runs cases.lua on QEMU and on Flatfish:
-- what a nest prints and the machine's exit code are as they should be, the same on both.
-- SPDX-License-Identifier: MIT
local source, build, only_machine, only_nest = arg[1] or ".", arg[2] or ".", arg[3], arg[4]
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local cases = dofile(source .. "/monitors/tests/cases.lua")

-- QEMU's exit device keeps seven bits: (code << 1) | 1 in a byte.
local function code_seen(machine, code) return machine == "qemu" and code % 128 or code end

-- Siblings may finish in any order: then the lines are compared sorted.
local function sorted(text, case)
    if not case.any_order then return text end
    local lines = {}
    for line in text:gmatch("[^\n]*\n") do lines[#lines + 1] = line end
    table.sort(lines)
    return table.concat(lines)
end

local passed, failed = 0, 0
for _, machine in ipairs(lib.machines(build)) do
    for _, case in ipairs(cases) do
        if (not only_machine or machine.name == only_machine) and
            (not only_nest or case.nest == only_nest) and (case.only or machine.name) == machine.name then
            local text, code, ending = machine.run(case)
            local want = case.print or case.like or machine.run { nest = case.same, args = case.args }
            local good = (case.like and sorted(text, case):find(want) or sorted(text, case) == sorted(want, case)) and
                code == code_seen(machine.name, case.code or 0)
            print(string.format("%s %s %s", good and "PASS" or "FAIL", machine.name, case.nest))
            if good then passed = passed + 1 else
                failed = failed + 1
                print(string.format("  %s  printed, code %d:\n%s  wanted, code %d:\n%s", ending, code, text,
                    code_seen(machine.name, case.code or 0), want))
            end
        end
    end
end
print(string.format("%d passed, %d failed", passed, failed))
os.exit(failed > 0 and 1 or passed == 0 and 77 or 0)
