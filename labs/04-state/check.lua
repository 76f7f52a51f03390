-- labs/04-state/check.lua -- what the checkpointer lab asks for. A program runs once undisturbed; then the machine goes back to
-- where the saving thread begins, another moment is written into its memory, and the program is saved, destroyed and restored
-- elsewhere: at each of some random instructions of its life. What it comes to it says in a mark, wherever it is.
-- SPDX-License-Identifier: MIT

local BUDGET, POINTS, CALLS, SKEW = 30000000, 5, 3, 30000

-- Numbers that only look random; the same for each submission.
local function random(seed)
    local state = seed
    return function(below)
        state = state * 6364136223846793005 + 1442695040888963407
        return (state >> 33) % below
    end
end

-- The place of a static variable of the checkpointer.
local function word(name, value)
    return flatfish.space("L2:keep").mem:u64(flatfish.address("keep:" .. name), value)
end

-- At each save: how often one of the program's threads was in the middle of a call to another one.
local function watch_calls(life)
    life.calls = 0
    flatfish.probe("keep:pickle", function()
        local now = 0
        for _, space in ipairs(flatfish.nest():list()) do
            for _, thread in ipairs(space.name == "relay" and space:threads() or {}) do
                if (thread.client or 0) ~= 0 then now = 1 end
            end
        end
        life.calls = life.calls + now
    end)
end

-- When all objects are set, and before the threads are started: does one of them run already?
local function watch_start(life)
    flatfish.probe("keep:start_all", function()
        local keep = flatfish.space()
        if keep.level ~= 3 then return end
        for _, space in ipairs(flatfish.nest():list()) do
            for _, thread in ipairs(space.level > 3 and space:threads() or {}) do
                life.early = life.early or thread.state ~= "stopped"
            end
        end
        life.started = true
    end)
end

-- Is what runs below the keep that restores?
local function elsewhere(life)
    local space = flatfish.space()
    while space and space.index ~= life.other do space = space.parent end
    return space ~= nil
end

-- Makes a nest with `what` below keep and, for restoring, below null/keep; runs until the saving thread begins, remembers that
-- moment, and runs on until the program is done. -> { from=, to=, begun= of its life in instructions, sum=, back=instruction }
local function prepare(t, what, options)
    t:nest(("[keep(to=a,at=1000000000000,%s)/%s, null/keep(restore=a,wait=250000000)/%s]"):format(options, what, what))
    local life = { level = select(2, what:gsub("/", "")) + 3 }
    flatfish.probe("keep:main", function()
        local space = flatfish.space()
        if space.level == 2 then life.begun = life.begun or flatfish.icount() end
        if space.level == 3 then life.other = space.index end
    end)
    flatfish.probe("relay:main", function()
        local space = flatfish.space()
        life.anew = life.anew or elsewhere(life)
        if space.level ~= life.level then return end
        life.from = life.from or flatfish.icount()
        assert(space.mem:u64(flatfish.address("relay:skew"), life.skew or 0))
    end)
    flatfish.probe("keep:saver", function()
        if not life.back then
            life.back = flatfish.icount()
            flatfish.stop()
        end
    end)
    flatfish.on("mark", function(e)
        life.marks = life.marks or {}
        table.insert(life.marks, { label = e.label, level = e.level, elsewhere = elsewhere(life) })
        if e.level == life.level and not life.to then
            life.to, life.sum = e.icount, e.label
            flatfish.stop()
        end
    end)
    flatfish.run { to = BUDGET }
    t:need(life.back, "no thread that saves was started; %s", t:words())
    assert(flatfish.snapshot())
    flatfish.run { to = BUDGET }
    t:need(life.to and life.from, "below keep it did not come to its end undisturbed; %s", t:words())
    return life
end

-- Goes back, and this time it is saved at that instruction, after the program has turned its thumbs for a while: threads that
-- sleep are woken once in so many instructions, which would always be the same ones.
local function save_at(life, at, skew)
    assert(flatfish.goto_(life.back))
    life.marks, life.skew, life.anew = {}, skew, false
    word("at", (at - life.begun) * 10)
    return flatfish.run { to = life.back + BUDGET }
end

local function said(life, label, level, restored)
    for _, mark in ipairs(life.marks) do
        if mark.label == label and mark.level == (level or mark.level) and (mark.elsewhere or not restored) then return true end
    end
    return false
end

-- Saved, destroyed and restored at random instructions: each time it comes to the same sum, one level deeper. `still`: its threads have
-- to stand still until all are set. `calls`: so many more times that it was in the middle of a call at some of them.
local function anywhere(t, what, seed, still, calls)
    local life = prepare(t, what, "stop=1")
    if still then watch_start(life) end
    if calls then watch_calls(life) end
    local some = random(seed)
    -- One in each fifth of its life but the end, so that not all are in the same.
    local part = (life.to - life.from) * 9 // 10 // POINTS
    for i = 1, calls and 8 * POINTS or POINTS do
        if i > POINTS and life.calls >= CALLS then break end
        local at = life.from + part * ((i - 1) % POINTS) + some(part)
        local why = save_at(life, at, some(SKEW))
        local point = ("saved %d instructions after its begin"):format(at - life.from)
        t:need(said(life, "ckpt"), "%s: there was no checkpoint; %s", point, t:words())
        t:need(not still or life.started and not life.early, "%s: restored, a thread could run before all were set", point)
        t:need(not life.anew, "%s: it was begun anew, not restored", point)
        t:need(said(life, life.sum, 4, true), "%s: restored, it did not come to the same end; %s", point, t:words())
        t:need(why == "exit" and flatfish.exit_code() == 0, "%s: the nest did not end well; %s", point, t:words())
    end
    assert(not calls or life.calls >= CALLS, "at none of these moments it was in the middle of a call")
end

return {
    title = "State is yours to take",
    brief = "complete a checkpointer; the checker stops it at random instructions",
    hours = 6,
    nest = "[keep(to=a,at=40000000,stop=1,stats=1)/relay(kind=sum,steps=20000), null/keep(restore=a,wait=1000000000)/relay(kind=sum,steps=20000)]",
    files = { "state.c" },
    near = { "monitors/ckpt/state.c" },
    extra = { "relay.c" },
    programs = { keep = { "state.c" }, relay = { "relay.c" } },
    libraries = { "monitors/ckpt/libckpt.a" },
    ours = { "main", "saver", "at", "start_all", "pickle" },
    checks = {
        { id = "goes-on", points = 5, needs = { "keep" }, text = "a program that is saved goes on",
            hint = "this works in the skeleton: what has it that you have not?",
            run = function(t)
                local life = prepare(t, "relay(kind=sum,steps=2500)", "stop=0")
                save_at(life, (life.from + life.to) // 2)
                t:need(said(life, "ckpt") and said(life, life.sum, 3), "saved in the middle, it did not come to its end; %s", t:words())
            end },
        { id = "numbers", points = 15, needs = { "keep" }, text = "one thread: memory, registers, references",
            hint = "thread_get_state reads all of it and stops it; the links are told as references; who restores sets state and links, threads last",
            run = function(t) anywhere(t, "relay(kind=sum,steps=2500)", 1) end },
        { id = "vectors", points = 10, needs = { "keep" }, text = "the vector registers and the x87 stack, too",
            hint = "struct fk_thread_state has them: is all of it kept?",
            run = function(t) anywhere(t, "relay(kind=vector,steps=60000)", 2) end },
        { id = "turns", points = 15, needs = { "keep" }, text = "two threads with a mutex and a condition, one of which waits",
            hint = "a waiting thread is one that is about to make its call; a mutex has state and an owner. Nobody may run before all are set",
            run = function(t) anywhere(t, "relay(kind=turns,steps=2500)", 3, true) end },
        { id = "stopped", points = 5, needs = { "keep" }, text = "a thread that the program had stopped itself stays so",
            hint = "the flags that stop.c has read say how it was; those that you read later say that you have stopped it",
            run = function(t) anywhere(t, "relay(kind=stopped,steps=2000)", 7) end },
        { id = "calls", points = 15, needs = { "keep" }, text = "a thread in the middle of a call to another one",
            hint = "links 3 and 4 of a thread are its peers; a side without one is set, too: to a reference that names nothing",
            run = function(t) anywhere(t, "relay(kind=calls,steps=10000)", 4, false, true) end },
        { id = "names", points = 10, needs = { "keep" }, text = "references lead where they did, and hashes are the same",
            hint = "create each object by the hash that it had; a reference names its target, by fk_ref_reference, or nothing",
            run = function(t) anywhere(t, "relay(kind=names,steps=8000)", 5) end },
        { id = "deeper", points = 15, needs = { "keep" }, text = "a nester with a program below it: spaces, regions, mappings, keepers",
            hint = "every kind goes by the same calls; where its links are, mon_kind_links() knows",
            run = function(t) anywhere(t, "null/relay(kind=calls,steps=10000)", 6, false, true) end },
        { id = "strangers", points = 10, after = "numbers", needs = { "keep" }, text = "what leads to something without a name is refused, and the program goes on",
            hint = "name_of() says whether it knows; say what is wrong instead of NULL",
            run = function(t)
                local life = prepare(t, "relay(kind=stranger,steps=2500)", "stop=1")
                save_at(life, (life.from + life.to) // 2)
                t:need(not said(life, "ckpt"), "it was saved, although it had a file's memory in hand")
                t:need(said(life, life.sum, 3), "it was not saved, and did not go on; %s", t:words())
            end },
    },
}
