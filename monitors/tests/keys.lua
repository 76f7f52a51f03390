-- monitors/tests/keys.lua SOURCE BUILD -- the interrupt key at the console ends what a shell runs in
-- the foreground, at its next prompt it says 130; the shell and what is behind its back go on. Each
-- step is typed when the machine has shown what it waits for. SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")
local LONG = "rogue do=spin ms=9000000" -- nobody waits for its end

local function slurp(path)
    local file <close> = assert(io.open(path, "rb"))
    return (file:read("a"):gsub("\r", ""))
end

-- { what to wait for, what to type then }
local steps = {
    { "$ ", "cat\n" }, { "cat\n", "x\n" }, { "x\nx\n", "\3" },       -- it waits for the keyboard
    { "^C\n$ ", LONG .. "\n" }, { "000\n", "\3" },                  -- it computes
    { "^C\n$ ", "echo $?\n" }, { "130\n$ ", LONG .. " | cat\n" },
    { "cat\n", "\3" }, { "^C\n$ ", "cat &\n" },                      -- two at once
    { "]\n$ ", "half a line" }, { "half a line", "\3" },             -- nothing runs: a new prompt
    { "^C\n$ ", LONG .. " &\n" }, { "]\n$ ", "cat\n" },
    { "cat\n", "\3" }, { "^C\n$ ", "ps\n" },                         -- what is behind goes on
    { "rogue\n$ ", "kill -KILL 8\n" }, { "$ ", "exit 5\n" },
}

local function run(machine, folder)
    local keys, out = folder .. "/keys", folder .. "/out"
    assert(os.execute("mkfifo " .. lib.quote(keys) .. " && : >" .. lib.quote(out)))
    local pipe = assert(io.popen(machine.command { nest = "procmgr/sh" } .. " <" .. lib.quote(keys) .. " >" ..
        lib.quote(out) .. " 2>/dev/null; echo $?"))
    local input = assert(io.open(keys, "w"))
    local seen = 1
    for number, step in ipairs(steps) do
        local at, till
        for _ = 1, 600 do
            at, till = slurp(out):find(step[1], seen, true)
            if at then break end
            os.execute("sleep 0.1")
        end
        if not at then
            input:close()
            pipe:read("a")
            return false, ("step %d: %q did not come"):format(number, step[1])
        end
        seen = till + 1
        input:write(step[2])
        input:flush()
    end
    local code = tonumber((pipe:read("a")))
    input:close()
    return machine.code(code) == 5, ("exit code %s"):format(machine.code(code))
end

local failed = 0
for _, machine in ipairs(lib.machines(build)) do
    local folder = os.tmpname()
    assert(os.remove(folder) and os.execute("mkdir " .. lib.quote(folder)))
    local good, why = run(machine, folder)
    print(("%s %s the interrupt key%s"):format(good and "PASS" or "FAIL", machine.name, good and "" or ": " .. why))
    if not good then print(slurp(folder .. "/out")) failed = failed + 1 end
    os.execute("rm -r " .. lib.quote(folder))
end
os.exit(failed == 0)
