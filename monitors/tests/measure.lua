-- monitors/tests/measure.lua -- exact costs of a nest, from its trace: measure(BUILD, NEST) gives for each
-- measured region (number of simcall BEGIN and END) a table of `instructions`, `calls` (kernel calls
-- that the program itself made in it; one that was interrupted within the kernel returns onto its
-- instruction, is made again, and counts once), `ticks` (timer interrupts), and `events` by kind.
-- SPDX-License-Identifier: MIT
local lib = require("lib")
local KINDS = "begin,end,syscall,sysret,exception,iret,interrupt,cr3"

local function program_of(nest)
    return nest:gsub("%b()", ""):match("([%w_.-]+)%**%d*$")
end

local function count(counts, csv, program)
    local open, regions = {}, {}
    local left, again = {}, {} -- by thread: where a call that left the program should return to; it did not
    for line in csv:lines() do
        local field = {}
        line = line:gsub("\"", "")
        for text in line:gmatch("([^,]*),?") do field[#field + 1] = text end
        local kind, number = field[2], tonumber(field[9])
        if kind == "begin" then
            local copy = {}
            for k, n in pairs(counts) do copy[k] = n end
            open[number] = { icount = tonumber(field[1]), counts = copy }
        elseif kind == "end" and open[number] then
            local events = {}
            for k, n in pairs(counts) do events[k] = n - (open[number].counts[k] or 0) end
            regions[number] = { instructions = tonumber(field[1]) - open[number].icount,
                calls = events.calls or 0, ticks = events.interrupt or 0, events = events }
        else
            counts[kind] = (counts[kind] or 0) + 1
            local thread, addr = field[8], field[10]
            if kind == "syscall" and field[11] == program then
                counts.calls = (counts.calls or 0) + (again[thread] and 0 or 1)
                left[thread] = addr
            elseif (kind == "sysret" or kind == "iret") and field[12] == program and left[thread] then
                again[thread] = addr ~= left[thread]
                left[thread] = nil
            end
        end
    end
    return regions
end

return function(build, nest, options)
    local trace = lib.capture("mktemp -d"):match("%S+")
    local text, code = lib.capture(lib.within(600, ("%s/flatfish run %s --quiet --force --trace %s %s </dev/null"):format(
        build, lib.quote(nest), trace, options or "")))
    local csv = assert(io.popen(string.format("%s/flatfish trace export --format csv --kind %s %s",
        build, KINDS, trace)))
    local regions = count({}, csv, program_of(nest))
    csv:close()
    os.execute("rm -rf " .. trace)
    return regions, code, text
end
