-- labs/03-memory/check.lua -- what the pager lab asks for. What the walking program does, step by step, and which steps met a page
-- that was not there, is read from the machine; so are the writes to the store. FIFO and clock, to be compared with, are
-- Flatfish's own pager in the same nest. SPDX-License-Identifier: MIT

local FRAMES = 48

-- Most pages of the walk that were certainly in memory at one time: a page is there from a step that met it missing until the last
-- step, before it is missing again, that found it.
local function most_resident(steps)
    local change, since, last = {}, {}, {}
    local function close(page)
        change[since[page]] = (change[since[page]] or 0) + 1
        change[last[page] + 1] = (change[last[page] + 1] or 0) - 1
    end
    for i, s in ipairs(steps) do
        if s.missing or not since[s.page] then
            if since[s.page] then close(s.page) end
            since[s.page] = i
        end
        last[s.page] = i
    end
    for page in pairs(since) do close(page) end
    local now, most = 0, 0
    for i = 1, #steps + 1 do
        now = now + (change[i] or 0)
        most = math.max(most, now)
    end
    return most
end

-- Runs a nest with a walker below each of these programs: by program the steps, how many met a page that was not there, and
-- how many pages were written to files meanwhile.
local function walks(t, nest, below, more)
    t:nest(nest)
    local of, by, writes = {}, {}, 0
    if more then more(of) end
    flatfish.probe("walker:begin", function()
        local space = flatfish.space()
        local w = { space = space, steps = {}, missing = 0, from = flatfish.regs.rdi }
        of[space.index], by[space.parent.name] = w, w
    end)
    flatfish.probe("walker:step", function()
        local steps = of[flatfish.space().index].steps
        steps[#steps + 1] = { page = flatfish.regs.rdi, writes = writes }
    end)
    flatfish.probe("walker:done", function() of[flatfish.space().index].wrong = flatfish.regs.rdi end)
    flatfish.probe("kserver:op_write_at", function() writes = writes + 1 end)
    flatfish.on("pagefault", { from_user = true }, function(e)
        local w = of[e.from_index]
        local s = w and w.steps[#w.steps]
        if s and not s.missing and (e.addr - w.from) // 4096 == s.page then s.missing, w.missing = true, w.missing + 1 end
    end)
    t:run()
    for _, name in ipairs(below) do
        local w = by[name]
        t:need(w and w.wrong, "the walk below %s did not come to its end; %s", name, t:words())
        t:need(w.wrong == 0, "%d of %d steps found something else than what was written there last", w.wrong, #w.steps)
        w.written = writes
    end
    return by
end

local function walk(t, above, options)
    return walks(t, ("%s/walker(%s)"):format(above, options), { "swap" }).swap
end

local function pager(program, policy, frames)
    return ("%s(frames=%d,policy=%s)"):format(program, frames or FRAMES, policy)
end

local function fits(t, w, frames)
    local most = most_resident(w.steps)
    t:need(most <= frames, "%d pages were in memory at one time, and there are %d frames", most, frames)
end

-- Missing pages of the same work below the student's pager and, beside it, below Flatfish's.
local function race(t, policy, other, seed)
    local work = ("walker(kind=work,pages=72,length=1500,seed=%d)"):format(seed)
    local by = walks(t, ("[%s/%s, %s/%s]"):format(pager("swap", policy), work, pager("pager", other), work), { "swap", "pager" })
    fits(t, by.swap, FRAMES)
    return by.swap.missing, by.pager.missing
end

-- When the store is asked to save a frame, no page of the walk is that frame; looked at once in eight times.
local function unreachable(t)
    local saves, found = 0, nil
    local by = walks(t, pager("swap", "fifo") .. "/walker(kind=fill,pages=130,passes=1)", { "swap" }, function(of)
        flatfish.probe("swap:store_write", function()
            local frame = flatfish.walk("swap", flatfish.regs.rsi).pa
            saves = saves + 1
            for _, w in pairs(saves % 8 == 0 and of or {}) do
                for page = 0, 129 do
                    local seen = w.space:walk(w.from + page * 4096)
                    if seen.present and seen.pa & ~4095 == frame then found = page end
                end
            end
        end)
    end)
    fits(t, by.swap, FRAMES)
    t:need(saves > 100, "only %d pages were saved", saves)
    t:need(not found, "page %s of the program was within its reach while it was saved", found)
end

return {
    title = "Somebody else's memory",
    brief = "write a demand pager and two replacement policies; beat FIFO on a given trace of accesses",
    hours = 6,
    budget = 100000000,
    nest = "swap(frames=48,policy=fifo)/walker(kind=fill)",
    files = { "page.c", "policy.c" },
    near = { "monitors/pager/page.c", "monitors/pager/policy.c" },
    extra = { "walker.c" },
    programs = { swap = { "page.c", "policy.c" }, walker = { "walker.c" } },
    libraries = { "monitors/pager/libpager.a" },
    ours = { "store_write" },
    checks = {
        { id = "fits", points = 5, needs = { "swap" }, text = "a program for which there are frames enough runs",
            hint = "this works in the skeleton: what has it that you have not?",
            run = function(t) fits(t, walk(t, pager("swap", "fifo", 160), "kind=fill,pages=60,passes=1"), 160) end },
        { id = "out", points = 15, needs = { "swap" }, text = "what does not fit goes to the store, and comes back whole",
            hint = "word to 0, flush, save, and only then is the frame free; what was saved once is read back, not zeroed; pages with kernel objects stay",
            run = function(t) fits(t, walk(t, pager("swap", "fifo"), "kind=fill,pages=130,passes=2"), FRAMES) end },
        { id = "order", points = 10, after = "out", needs = { "swap" }, text = "while a page is saved nobody can reach it",
            hint = "first the word and the flush: who writes after you have saved would write for nobody",
            run = unreachable },
        { id = "clean", points = 10, after = "out", needs = { "swap" }, text = "what nobody has written is not saved again",
            hint = "frame_marks() says in which epoch a frame was written last; keep the epoch at which you filled it",
            run = function(t)
                local w = walk(t, pager("swap", "fifo"), "kind=read,pages=100,passes=3")
                -- All 100 were written in the first pass; of those that leave later, a few are the program's own.
                local late = w.written - w.steps[201].writes
                t:need(late <= 40, "%d pages were saved in 200 steps that only read", late)
            end },
        { id = "objects", points = 10, after = "out", needs = { "swap" }, text = "kernel objects stay while their pages would go",
            hint = "ask frame_has_objects() before, and again when nobody can reach the page any more; a page that stays gets its word back",
            run = function(t) walk(t, pager("swap", "fifo", 64), "kind=fill,pages=90,passes=2,objects=24") end },
        { id = "nested", points = 10, after = "out", needs = { "swap" }, text = "it pages itself: swap/null/swap",
            hint = "nothing may be assumed about who is above: ask mon.ref[...] alone, and hold the lock no longer than needed",
            run = function(t)
                fits(t, walk(t, pager("swap", "fifo", 220) .. "/null/" .. pager("swap", "fifo"), "kind=fill,pages=110,passes=1"), FRAMES)
            end },
        { id = "fifo", points = 5, after = "out", needs = { "swap" }, text = "FIFO is FIFO: on the given work it waits for as many pages as Flatfish's own",
            hint = "the policy is asked once for each page that goes; a frame that is filled goes into the book",
            run = function(t)
                local mine, theirs = race(t, "fifo", "fifo", 1)
                t:need(math.abs(mine - theirs) <= theirs * 0.04, "it waited for %d pages, FIFO does for %d", mine, theirs)
            end },
        { id = "clock", points = 15, after = "fifo", needs = { "swap" }, text = "clock is clock: on the given work it waits for as many pages as Flatfish's own",
            hint = "who was used since the hand was last there goes to the end of the list once, and is not used any more; `marks = true`",
            run = function(t)
                local mine, theirs = race(t, "clock", "clock", 1)
                t:need(math.abs(mine - theirs) <= theirs * 0.04, "it waited for %d pages, clock does for %d", mine, theirs)
            end },
        { id = "beats", points = 10, after = "fifo", needs = { "swap" }, text = "your own policy beats FIFO on the given work by a tenth",
            hint = "what do the two kinds of accesses have in common with what FIFO gives up?",
            run = function(t)
                local mine, theirs = race(t, "own", "fifo", 1)
                t:need(mine <= theirs * 0.9, "it waited for %d pages, FIFO for %d", mine, theirs)
            end },
        { id = "best", points = 10, after = "fifo", needs = { "swap" }, text = "and clock, on work that you have not seen, by a tenth",
            hint = "of a walk through more pages than fit, clock keeps none in time; which should stay?",
            run = function(t)
                local mine, theirs = race(t, "own", "clock", 77)
                t:need(mine <= theirs * 0.9, "it waited for %d pages, clock for %d", mine, theirs)
            end },
    },
}
