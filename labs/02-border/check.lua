-- labs/02-border/check.lua -- what the border lab asks for. The truth comes from the machine: what the travelling program was
-- answered is read from its registers, what became of the files is told by a program that the student's nester cannot reach.
-- SPDX-License-Identifier: MIT

-- What the program at level `level` tells function `name`: a list of {rdi, rsi, rdx}, texts read where `texts` says.
local function listen(program, name, level, texts)
    local heard = {}
    flatfish.probe(program .. ":" .. name, function()
        local space, regs = flatfish.space(), flatfish.regs
        local row = { regs.rdi, regs.rsi, regs.rdx }
        for _, i in ipairs(texts or {}) do row[i] = space.mem:string(row[i]) end
        heard[space.level] = heard[space.level] or {}
        table.insert(heard[space.level], row)
    end)
    return heard
end

-- What errors.def calls the answers that can come here; others are told by number.
local answers = setmetatable({ [0] = "done", "this server does not offer that operation", "an argument makes no sense", "the server went away",
    "out of memory", "no such file or directory", "it is there already", "not a directory", "it is a directory", "the directory is not empty",
    "not allowed", [17] = "out of kernel objects", [18] = "a message that breaks the protocol" },
    { __index = function(_, number) return ("error %d"):format(number) end })

-- Runs `nest` with a traveller in /a at `level`, beside one in /b that nobody watches; trips of both, and lines about /a.
local function travel(t, nest, level, seed)
    t:nest(("[%s/traveller(dir=\"/a\",seed=%d), null*%d/traveller(dir=\"/b\",seed=%d)]"):format(nest, seed, level - 1, seed))
    local heard = listen("traveller", "trip", level, { 1, 2 })
    t:run()
    local watched, free = {}, {}
    for _, trip in ipairs(heard[level + 1] or {}) do
        table.insert(trip[2]:sub(1, 3) == "/a/" and watched or free, trip)
    end
    local lines = {}
    for line in t:console():gmatch("[^\n]+") do
        if line:find(" /a/", 1, true) then lines[#lines + 1] = line end
    end
    t:need(#free == 40, "the traveller that nobody watches made %d trips, not 40", #free)
    t:need(#watched == 40, "the traveller below made %d of its 40 trips", #watched)
    return watched, free, lines
end

local function line_of(trip)
    return ("spy: %s %s: %s"):format(trip[1], trip[2], answers[-trip[3]])
end

local function same_lines(t, trips, lines, only)
    local n = 0
    for _, trip in ipairs(trips) do
        if not only or trip[1] == only then
            repeat n = n + 1 until not lines[n] or not only or lines[n]:match("^spy: (%S+)") == only
            t:need(lines[n] == line_of(trip), "trip '%s' was told as '%s'", line_of(trip), lines[n] or "(no line)")
        end
    end
end

-- The burglar's attempts by number, and what is lost. What is kept has another name than in the handout: a guard is told it.
local function burgle(t, keep)
    keep = keep or "/vault"
    t:nest(("[guard(keep=\"%s\")/burglar(keep=\"%s\"), verify(keep=\"%s\")]"):format(keep, keep, keep))
    local heard, verdict = listen("burglar", "attempt", 2), listen("verify", "verdict", 1)
    t:run()
    local tried = {}
    for _, a in ipairs(heard[3] or {}) do tried[a[1]] = a[2] end
    t:need(verdict[2] and verdict[2][1], "the owner of %s was not reached", keep)
    return tried, verdict[2][1][1]
end

local function denied(t, ways, keep)
    local tried = burgle(t, keep)
    for _, way in ipairs(ways) do
        local name = keep and way[2] or way[2]:gsub("keep", "vault")
        t:need(tried[way[1]], "the burglar did not come as far as %s", name)
        t:need(tried[way[1]] == -10, "%s was answered '%s', not 'not allowed'", name, answers[-tried[way[1]]])
    end
end

return {
    title = "Border control",
    brief = "write a tracer, then a filter that denies one operation",
    hours = 4,
    budget = 60000000,
    nest = "spy/traveller(dir=\"/a\")",
    files = { "spy.c", "guard.c" },
    near = { "monitors/skel/skel.c", "monitors/tracer/tracer.c" },
    extra = { "traveller.c", "burglar.c", "verify.c" },
    programs = { spy = { "spy.c" }, guard = { "guard.c" }, traveller = { "traveller.c" }, burglar = { "burglar.c" }, verify = { "verify.c" } },
    checks = {
        { id = "spy-stat", points = 5, needs = { "spy" }, text = "spy tells of every stat",
            hint = "this one is in the skeleton: change nothing of it",
            run = function(t)
                local trips, _, lines = travel(t, "spy", 2, 1)
                same_lines(t, trips, lines, "stat")
            end },
        { id = "spy-all", points = 20, needs = { "spy" }, text = "spy tells of every operation, in order",
            hint = "five functions in the table; `open` needs a reference object of mon_ref(), given to filesystem_open() and put into args->got",
            run = function(t)
                local trips, _, lines = travel(t, "spy", 2, 2)
                same_lines(t, trips, lines)
                t:need(#lines == 40, "%d lines for 40 trips", #lines)
            end },
        { id = "spy-unseen", after = "spy-all", points = 10, needs = { "spy" }, text = "the child gets the answers that it would have got",
            hint = "return the very answer of the server that you asked; do nothing of your own to the files",
            run = function(t)
                local trips, free, lines = travel(t, "spy", 2, 3)
                for i, trip in ipairs(trips) do
                    t:need(trip[1] == free[i][1] and trip[3] == free[i][3], "%s %s: %s below spy, %s elsewhere", trip[1], trip[2],
                        answers[-trip[3]], answers[-free[i][3]])
                end
                t:need(#lines > 0, "and spy has told nothing")
            end },
        { id = "spy-nested", points = 10, needs = { "spy" }, text = "two spies, with a null between them, tell everything twice",
            hint = "ask mon.ref[PARENT_FILESYSTEM], whoever that is",
            run = function(t)
                local trips, _, lines = travel(t, "spy/null/spy", 4, 4)
                t:need(#lines == 80, "%d lines for 40 trips and two spies", #lines)
                for i, trip in ipairs(trips) do
                    t:need(lines[2 * i] == line_of(trip) and lines[2 * i - 1] == line_of(trip), "trip '%s' was told as '%s' and '%s'",
                        line_of(trip), lines[2 * i - 1], lines[2 * i])
                end
            end },
        { id = "spy-free", after = "spy-all", points = 10, needs = { "spy" }, text = "who uses no names pays nothing: spy runs for compute as often as null does",
            hint = "take no protocol but FileSystem, and hand the others over by doing nothing",
            run = function(t)
                t:nest "[spy/compute(n=2000), null/compute(n=2000)]"
                local c = flatfish.count { by = { "to" }, event = "sysret", where = { behalf = "compute", to = { "spy", "null" }, to_user = true } }
                t:run()
                local served = { spy = 0, null = 0 }
                for _, row in ipairs(c:rows()) do served[row.to] = row.n end
                t:need(select(2, t:console():gsub("sorted sum: ", "")) == 2, "compute did not come to its end below spy")
                t:need(served.spy == served.null, "spy ran %d times for compute; null, which takes nothing, %d times", served.spy, served.null)
            end },
        { id = "guard-plain", points = 15, needs = { "guard" }, text = "a file that is kept cannot be unlinked, however its name is written",
            hint = "walk through the path part by part: empty parts and '.' count for nothing, '..' takes one back",
            run = function(t)
                denied(t, { { 1, "unlink /keep/gold" }, { 2, "unlink keep//gold" }, { 3, "unlink /./bin/../keep/./gold" } }, "/keep")
            end },
        { id = "guard-ways", points = 10, needs = { "guard" }, text = "nor renamed, replaced, written, cut, or joined by others",
            hint = "go through abi/proto/filesystem.def operation by operation: which of them change something, and where?",
            run = function(t)
                denied(t, { { 4, "rename /keep/gold /mine" }, { 5, "rename /trash /keep/gold" }, { 6, "rename /keep /mine" },
                    { 7, "open /keep/gold to write" }, { 8, "open /keep/gold, truncated" }, { 9, "open /keep/new, created" },
                    { 10, "mkdir /keep/mine" }, { 11, "rmdir /keep/box" } })
            end },
        { id = "guard-views", points = 5, needs = { "guard" }, text = "nor through a file system that begins further down",
            hint = "`subset` gives a capability that does not come back to you: for writing, give none at, below or above what is kept",
            run = function(t)
                denied(t, { { 12, "unlink /gold in a subset of /keep" }, { 13, "unlink /keep/gold in a subset of /" } })
            end },
        { id = "guard-kept", after = "guard-plain", points = 5, needs = { "guard" }, text = "and in the end it is all there",
            hint = "a denial that comes after the deed is none",
            run = function(t)
                local _, lost = burgle(t)
                t:need(lost & 7 == 0, "lost: %s", (lost & 1 ~= 0 and "/vault/gold " or "") .. (lost & 2 ~= 0 and "/vault/box " or "") ..
                    (lost & 4 ~= 0 and "(something strange lies in /vault)" or ""))
            end },
        { id = "guard-fair", after = "guard-plain", points = 10, needs = { "guard" }, text = "what is allowed works: reading there, anything elsewhere, /keepsake",
            hint = "a prefix of letters is not a prefix of a path; a view that can only be read does no harm",
            run = function(t)
                local tried, names = burgle(t), { "open /vault/gold to read", "stat /vault/gold", "list /vault", "mkdir /own",
                    "rename /trash /own/trash", "unlink /own/trash", "rmdir /own", "unlink /vaultsake", "a subset of /vault to read",
                    "unlink in a subset of /garden" }
                for i, name in ipairs(names) do
                    local answer = tried[19 + i]
                    t:need(answer == 0, "%s was answered '%s'", name, answer and answers[-answer] or "nothing")
                end
            end },
    },
}
