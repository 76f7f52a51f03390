-- labs/06-lottery/check.lua -- what the lottery lab asks for. Who got how much is the machine's own exact account of instructions;
-- who was drawn is read from the kernel calls of the scheduler's thread and from who ran after them.
-- SPDX-License-Identifier: MIT

-- Instructions that each space has run itself so far, by its index.
local function account()
    local own = {}
    for _, row in ipairs((flatfish.charge())) do
        if row.user then own[row.index] = (own[row.index] or 0) + row.instructions end
    end
    return own
end

local SLOW = { ips = 25000000 } -- instructions a second: more turns of the lottery in fewer instructions

-- Runs the nest, whose burners have ids 1 to n. The race is from when the last of them has begun until the first is done; of that
-- time: own[id] = instructions, scheduler = those of the outermost lottery, all; calls = how often that one gave its time
-- away; turns = how often such a time ended because it was over; swaps = how often another one burnt than before; naps; laps[id] = how
-- many each of its threads made.
local function race(t, nest, n)
    t:nest(nest, SLOW)
    local index, begun, open, before, last = {}, 0, false, nil, nil
    local r = { own = {}, calls = 0, turns = 0, swaps = 0, naps = 0, laps = {} }
    flatfish.probe("burner:begin", function()
        index[flatfish.regs.rdi], begun = flatfish.space().index, begun + 1
        if begun == n then open, before, r.from = true, account(), flatfish.icount() end
    end)
    flatfish.probe("burner:lap", function()
        local id, thread = flatfish.regs.rdi, flatfish.regs.rsi
        if not open then return end
        if last ~= id then r.swaps, last = r.swaps + 1, id end
        r.laps[id] = r.laps[id] or {}
        r.laps[id][thread] = (r.laps[id][thread] or 0) + 1
    end)
    flatfish.probe("burner:woken", function() r.naps = r.naps + (open and 1 or 0) end)
    flatfish.on("syscall", { from = "lottery", level = 2, call = "thread_schedule" }, function() r.calls = r.calls + (open and 1 or 0) end)
    flatfish.on("sysret", { to = "lottery", to_level = 2 }, function()
        if open and flatfish.answer(flatfish.regs.rax) == "TIMEOUT" then r.turns = r.turns + 1 end
    end)
    flatfish.probe("burner:done", function()
        if not open then return end
        open = false
        local now, scheduler = account(), flatfish.space("L2:lottery").index
        for id, i in pairs(index) do r.own[id] = now[i] - (before[i] or 0) end
        r.all, r.scheduler = flatfish.icount() - r.from, now[scheduler] - (before[scheduler] or 0)
    end)
    t:run()
    t:need(r.all, "of %d burners %d began, and none came to its end", n, begun)
    return r
end

-- About four times what chance does to one half of 800 turns.
local SLACK = 0.07

-- Shares of what the burners had together: id -> fraction, `slack` off at most.
local function shares(t, r, wanted, slack)
    local sum = 0
    for id in pairs(wanted) do sum = sum + r.own[id] end
    for id, share in pairs(wanted) do
        local had = r.own[id] / sum
        t:need(math.abs(had - share) <= slack, "burner %d had %.1f %% of the time, and should have about %.1f", id, 100 * had, 100 * share)
    end
end

return {
    title = "CPU by inheritance",
    brief = "write a lottery scheduler as a user thread, nest it, and show shares",
    hours = 5,
    budget = 400000000,
    nest = "lottery(tickets=321)/[burner(id=1), burner(id=2), burner(id=3)]",
    files = { "lottery.c" },
    extra = { "burner.c" },
    programs = { lottery = { "lottery.c" }, burner = { "burner.c" } },
    checks = {
        { id = "runs", points = 5, needs = { "lottery" }, text = "a child that is alone runs to its end",
            hint = "this works in the skeleton: what has it that you have not?",
            run = function(t)
                t:nest "lottery/compute(n=300)"
                local ran
                flatfish.probe("compute:main", function() ran = true end)
                t:run()
                t:need(ran, "it never began")
            end },
        { id = "shares", points = 20, needs = { "lottery" }, text = "three children with 3, 2 and 1 tickets have so much of the time",
            hint = "a number below the sum of the tickets of those that can run; whose is it? And nobody keeps the CPU for longer than a slice",
            run = function(t)
                local r = race(t, "lottery(tickets=321,seed=7)/[burner(id=1,until=1100), burner(id=2,until=1100), burner(id=3,until=1100)]", 3)
                shares(t, r, { 1 / 2, 1 / 3, 1 / 6 }, SLACK)
            end },
        { id = "random", points = 10, after = "shares", needs = { "lottery" }, text = "and nobody can tell who is next",
            hint = "each turn is drawn anew: whoever had the last one has the same chance as before",
            run = function(t)
                local r = race(t, "lottery(tickets=11,seed=3)/[burner(id=1,until=1100), burner(id=2,until=1100)]", 2)
                t:need(r.turns > 200, "only %d turns ended because their time was over, and of slices as long as the skeleton's there are 800", r.turns)
                local part = r.swaps / r.turns
                t:need(part > 0.36 and part < 0.64, "of two children with equal chances, another one was next in %.0f %% of %d turns", 100 * part, r.turns)
            end },
        { id = "threads", points = 15, after = "shares", needs = { "lottery" }, text = "three threads have no more than one, if their children have the same, and take turns",
            hint = "tickets belong to children; among the threads of one, take turns",
            run = function(t)
                local r = race(t, "lottery(tickets=11,seed=7)/[burner(id=1,until=1100,threads=3), burner(id=2,until=1100)]", 2)
                shares(t, r, { 1 / 2, 1 / 2 }, SLACK)
                local laps = r.laps[1] or {}
                local sum = (laps[0] or 0) + (laps[1] or 0) + (laps[2] or 0)
                for i = 0, 2 do
                    local part = (laps[i] or 0) / math.max(1, sum)
                    t:need(math.abs(part - 1 / 3) <= 2 * SLACK, "one of the three threads had %.0f %% of their time", 100 * part)
                end
            end },
        { id = "sleeper", points = 15, after = "shares", needs = { "lottery" }, text = "who sleeps has no time, and has it when he wakes",
            hint = "BLOCKED: it cannot go on; a message at the ear: it can again. Is one who waits drawn all the same?",
            run = function(t)
                local r = race(t, "lottery(tickets=19,seed=7)/[burner(id=1,until=700), burner(id=2,until=800,nap=7)]", 2)
                t:need(r.naps >= 25, "he woke and burnt a millisecond %d times, and could 40 times", r.naps)
                t:need(r.own[1] > r.all * 0.61, "while he slept, the other one had %.0f %% of the time, and could have nearly 80", 100 * r.own[1] / r.all)
            end },
        { id = "idle", points = 15, after = "shares", needs = { "lottery" }, text = "when nobody can run, the scheduler waits, too",
            hint = "draw nothing: listen; a call for nothing is made again and again",
            run = function(t)
                local r = race(t, "lottery(seed=7)/burner(id=1,until=600,nap=5)", 1)
                t:need(r.naps >= 20, "the sleeper woke %d times, and could 40 times", r.naps)
                t:need(r.calls <= 6 * r.naps, "%d calls of thread_schedule for %d naps", r.calls, r.naps)
            end },
        { id = "nested", points = 20, after = "random", needs = { "lottery" }, text = "a lottery among the children of a lottery: shares of a share",
            hint = "give away what you are given and ask for no more: whose time it is, is not your business",
            run = function(t)
                local r = race(t, "lottery(tickets=12,seed=7)/[burner(id=1,until=1300), lottery(tickets=13,seed=5)/" ..
                    "[burner(id=2,until=1300), burner(id=3,until=1300)]]", 3)
                shares(t, r, { 1 / 3, 1 / 6, 1 / 2 }, SLACK)
            end },
    },
}
