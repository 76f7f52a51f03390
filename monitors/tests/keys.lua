-- monitors/tests/keys.lua SOURCE BUILD -- the interrupt key at the console ends what a shell runs in
-- the foreground, at its next prompt it says 130; the shell and what is behind its back go on. Each
-- step is typed when the machine has shown what it waits for; and it is typed at any moment between
-- a line and the first read of the program that it starts. SPDX-License-Identifier: MIT
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
    local pipe = assert(io.popen(("{ %s; } <%s >%s 2>/dev/null; echo $? >%s"):format(
        machine.command { nest = "procmgr/sh" }, lib.quote(keys), lib.quote(out), lib.quote(folder .. "/code"))))
    local input = assert(io.open(keys, "w"))
    local seen = 1
    for number, step in ipairs(steps) do
        local at, till
        repeat -- what is there when it has ended is all that comes
            local ended = io.open(folder .. "/code")
            at, till = slurp(out):find(step[1], seen, true)
            if ended then ended:close() elseif not at then os.execute("sleep 0.1") end
        until at or ended
        if not at then
            input:close()
            pipe:close()
            return false, ("step %d: %q did not come"):format(number, step[1])
        end
        seen = till + 1
        input:write(step[2])
        input:flush()
    end
    pipe:close()
    input:close()
    local code = tonumber(slurp(folder .. "/code"))
    return machine.code(code) == 5, ("exit code %s"):format(machine.code(code))
end

-- Ticks after a line: it is being read, its program is being made, begins, reads. The pipe that nobody
-- closes is what a keyboard is: it does not end.
local LINE, LATER, LAST, STEP = 60000000, 30000000, 1500000, 75000

local function run_at(machine, folder, after)
    local text, code = lib.capture(("%s <>%s"):format(machine.command { nest = "procmgr/sh", options =
        ("--input-at '%d:cat\\n' --input-at '%d:\\x03' --input-at '%d:exit 5\\n'"):format(LINE, LINE + after,
        LINE + LATER) }, lib.quote(folder .. "/keys")))
    return code == 5 and text:find("$ cat\n^C\n$ exit 5\n", 1, true), text
end

local failed = 0
local function check(good, what, text)
    print((good and "PASS " or "FAIL ") .. what)
    if not good then print(text) failed = failed + 1 end
end

for _, machine in ipairs(lib.machines(build)) do
    local folder = os.tmpname()
    assert(os.remove(folder) and os.execute("mkdir " .. lib.quote(folder)))
    local good, why = run(machine, folder)
    check(good, machine.name .. " the interrupt key", why .. "\n" .. slurp(folder .. "/out"))
    for after = 0, machine.name == "flatfish" and LAST or -1, STEP do
        local kept, text = run_at(machine, folder, after)
        check(kept, ("%s the interrupt key %d ticks after a line"):format(machine.name, after), text)
    end
    os.execute("rm -r " .. lib.quote(folder))
end
os.exit(failed == 0)
