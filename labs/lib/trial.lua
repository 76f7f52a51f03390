-- labs/lib/trial.lua -- one check of one submission, in a process of its own: the machine that it makes, with budgets that do not
-- depend on the host, and what is said when the student's program does not do what it should. A check raises nothing but by
-- t:need() and t:fail(); any other error is the check's own and is told as such.
-- SPDX-License-Identifier: MIT
local trial = {}
trial.__index = trial

local FLOOD, OFTEN = 512 << 10, 250000 -- bytes that a check's machine may print; looked at each so many instructions
local BUDGET = 300000000 -- instructions, where the lab says nothing else
local SHOWN = 60         -- crossings in the picture
local KEPT = 2000        -- crossings from whose end they are chosen: a machine's end alone is not what failed

function trial.new(lab, check, one, folder, picture)
    return setmetatable({ lab = lab, check = check, files = one.files, folder = folder, picture = picture, last = {} }, trial)
end

-- ---- verdicts ----

function trial:fail(format, ...)
    error({ why = format:format(...) }, 0)
end

function trial:need(good, format, ...)
    if not good then self:fail(format, ...) end
    return good
end

-- Points earned so far; without it a check that does not fail earns all.
function trial:score(n)
    self.got = n
end

-- ---- the machine ----

local function remember(self)
    flatfish.on("crossing", function(e)
        self.last[#self.last + 1] = { at = e.icount, to = e.to, reason = e.reason, level = e.to_level }
        if #self.last > 2 * KEPT then self.last = table.move(self.last, #self.last - KEPT + 1, #self.last, 1, {}) end
    end)
end

-- Makes the machine; its programs are those of the nests and the student's.
function trial:nest(nest, more)
    local config = { nest = nest, initrd = self.folder .. "/nest.tar", mem = 256 }
    if self.lab.kernel then
        config.nest, config.kernel, config.append = nil, self.folder .. "/fk.elf", "root=bin/kserver nest=" .. nest
    end
    for k, v in pairs(more or {}) do config[k] = v end
    assert(flatfish.machine(config))
    -- Who prints without end costs the host far more time than its instructions do.
    flatfish.every(OFTEN, function()
        if #flatfish.console() > FLOOD then
            self.flooded = true
            flatfish.stop()
        end
    end)
    if self.picture then remember(self) end
end

-- What the guest said last, to be quoted: printable, one line. Where a nest says that one of its children was ended, that is it:
-- another, beside it, may have gone on.
function trial:words()
    local last = ""
    for line in flatfish.console():gmatch "[^\r\n]+" do
        if line:find "^%g+: %g+ ended: " or not last:find "^%g+: %g+ ended: " then last = line end
    end
    local line = last:sub(1, 160):gsub("[^\32-\126]", "?")
    return line == "" and "it printed nothing" or "its last words: " .. line
end

-- Runs to the end of the machine, within the budget. `code`: the exit code that it must end with (0).
function trial:run(code, budget)
    budget = budget or self.lab.budget or BUDGET
    local why = flatfish.run { to = flatfish.icount() + budget }
    if why == "exit" then
        self:need(flatfish.exit_code() == (code or 0), "it ended with exit code %d, not %d; %s", flatfish.exit_code(), code or 0,
            self:words())
        return
    end
    self:need(not self.flooded, "it printed more than %d KiB", FLOOD >> 10)
    self:fail("it did not end within %d million instructions; %s", budget // 1000000, self:words())
end

-- Runs one of the student's scripts in the sandbox beside a nest, with the words that follow; exit code and output. A process of its own:
-- the sandbox's limits are its, and whatever it does, this one has its account.
function trial:script(name, nest, ...)
    assert(flatfish.write(self.folder .. "/" .. name, self.files[name]))
    local words = { self.lab.self, "run", nest, "--quiet", "--sandbox", "--sandbox-time", "12", "--script", name, "--max-instr",
        tostring(self.lab.budget or BUDGET), "--", ... }
    words.folder, words.seconds, words.memory, words.file, words.output = self.folder, 30, 1 << 16, 1, 1 << 16
    return flatfish.spawn(words)
end

-- What the programs printed, without the kernel's greeting.
function trial:console()
    return (flatfish.console():gsub("\r", ""):gsub("^flatfish kernel:[^\n]*\n", ""))
end

-- ---- outcome: a row for lib.kept ----

-- The crossings to be shown: up to where a program below the root ran last and gave the machine away.
local function shown(all)
    local to = #all
    while to > 0 and all[to].level < 2 do to = to - 1 end
    to = to == 0 and #all or math.min(#all, to + 1)
    return table.move(all, math.max(1, to - SHOWN + 1), to, 1, {}), all[to + 1] and all[to + 1].at or flatfish.icount()
end

local function draw(self)
    local lanes, index, spans = {}, {}, {}
    local last, stop = shown(self.last)
    for i, c in ipairs(last) do
        if not index[c.to] then
            lanes[#lanes + 1] = c.to
            index[c.to] = #lanes
        end
        spans[i] = { lane = index[c.to], from = c.at, to = last[i + 1] and last[i + 1].at or stop, label = c.reason }
    end
    if #spans > 0 then
        flatfish.report.lanes { title = self.check.id .. ": the last crossings", lanes = lanes, spans = spans }:save(self.picture)
    end
end

local function outcome(self)
    local good, err = pcall(self.check.run, self)
    local got = math.max(0, math.min(self.got or (good and self.check.points or 0), self.check.points))
    if self.picture and (not good or got < self.check.points) then draw(self) end
    if good then return { got = got, why = self.note or "" } end
    if type(err) == "table" and err.why then return { got = got, why = err.why } end
    return { got = 0, why = "the check itself failed: " .. tostring(err), broken = true }
end

-- { got=, why=, broken= }: of what a check says of a submission whose programs were built with these results.
function trial.run_check(lab, check, one, built, folder, picture)
    for _, name in ipairs(check.needs or {}) do
        if built[name] ~= true then return { got = 0, why = name .. " was not built: " .. built[name] } end
    end
    for _, name in ipairs(check.reads or {}) do
        if one.wrong[name] then return { got = 0, why = one.wrong[name] } end
    end
    return outcome(trial.new(lab, check, one, folder, picture))
end

return trial
