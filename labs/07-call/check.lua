-- labs/07-call/check.lua -- what the kernel lab asks for: the student's call in a kernel of ours, made by a program of ours. To stop
-- it at an instruction, the machine goes back to so many instructions before a tick and the program is put to where it makes the
-- call; the tick wakes a thread that takes the caller apart, makes the call for itself, and puts the caller together again.
-- SPDX-License-Identifier: MIT

local BUDGET = 40000000

-- Makes the nest; what its program will tell done(): a list of { wrong words, what else }.
local function telling(t, nest)
    t:nest(nest)
    local told = {}
    flatfish.probe("adder:done", function() told[#told + 1] = { flatfish.regs.rdi, flatfish.regs.rsi } end)
    return told
end

local function right(t, nest)
    local told = telling(t, nest)
    t:run(0, BUDGET)
    t:need(#told == 1, "the program did not come to its end; %s", t:words())
    t:need(told[1][1] == 0, "%d words are not what they should be", told[1][1])
    t:need(told[1][2] == 0, "the answer is not `carried` and the number of words that carried")
end

local refused = { [0] = "an address that is not a multiple of 8", "the first address that is nobody's", "an address of the kernel's",
    "more words than there are addresses", "one word more than there are addresses", "carried = -1: what would the kernel take the answer for?",
    "carried = -2", "carried = -5", "carried = 2^62", "no words at all, carried = 9" }

-- The last interrupt before a thread came that takes the caller apart, and the machine a while before that.
local function before_tick(t, nest)
    t:nest(nest)
    local tick, cut
    local spins = flatfish.probe("adder:spin", function() flatfish.stop() end)
    flatfish.run { to = BUDGET }
    spins:off()
    assert(flatfish.snapshot())
    local ticks = flatfish.on("interrupt", function(e) tick = e.icount end)
    local surgeon = flatfish.probe("adder:surgeon", function()
        cut = true
        flatfish.stop()
    end)
    flatfish.run { to = flatfish.icount() + BUDGET }
    ticks:off()
    surgeon:off()
    t:need(cut and tick, "the thread that comes between did not come; %s", t:words())
    return tick
end

local COUNT, ROOM = 400, 60000
local NEST = ("adder(kind=stops,word=300,count=%d)"):format(COUNT)

-- Puts the caller to where it makes the call, `before` instructions before the tick; to the end. Answers how many words were left when
-- it was taken apart, 0 = it was not in the call.
local function stopped(t, tick, before)
    assert(flatfish.goto_(tick - before))
    flatfish.regs.rip = flatfish.address "adder:go"
    local told, left
    local taken = flatfish.probe("adder:taken", function() left = flatfish.regs.rdi end)
    local done = flatfish.probe("adder:done", function()
        told = { flatfish.regs.rdi, flatfish.regs.rsi }
        flatfish.stop()
    end)
    flatfish.run { to = tick + 4 * ROOM }
    done:off()
    taken:off()
    t:need(told, "with %d instructions of it done before the tick, the call never came back; %s", before, t:words())
    t:need(told[2] ~= 99, "with %d instructions done, the same call by another thread was wrong", before)
    t:need(told[1] == 0 and told[2] == 0, "with %d instructions of it done before the tick, %s", before,
        told[1] > 0 and told[1] .. " words are not what they should be" or "the answer is wrong")
    return left or 0
end

-- Where interrupts can come while the call is made with no tick near: how many instructions after `go`, and how many there are.
local function windows(t, tick)
    assert(flatfish.goto_(tick - ROOM))
    local from, to, open = flatfish.icount(), nil, {}
    flatfish.regs.rip = flatfish.address "adder:go"
    local one = flatfish.probe("kernel:arch_preempt", function() open[#open + 1] = flatfish.icount() - from end)
    local other = flatfish.on("sysret", { to = "adder" }, function()
        to = to or flatfish.icount()
        flatfish.stop()
    end)
    flatfish.run { to = tick }
    one:off()
    other:off()
    -- What is written belongs to that moment, whoever comes by again: so it is taken back.
    assert(flatfish.goto_(tick - ROOM))
    flatfish.regs.rip = flatfish.address "adder:spin"
    t:need(to, "the call takes more than %d instructions for %d words, or does not come back; %s", ROOM, COUNT, t:words())
    return open, to - from
end

local function anywhere(t)
    local tick = before_tick(t, NEST)
    assert(flatfish.goto_(tick - ROOM - 20000))
    assert(flatfish.snapshot())
    local open, length = windows(t, tick)
    t:need(#open > 0, "nobody can interrupt a call that takes %d instructions", length)
    local points = {}
    for i = 0, length, math.max(101, length // 200) do points[i] = true end
    for i = 0, math.min(60, length) do points[i], points[length - i] = true, true end
    local each = #open // 60 + 1 -- who lets interrupts in very often is stopped at some of the later points only
    for i, at in ipairs(open) do
        for j = -2, i <= 40 and 6 or i % each == 0 and 2 or -3 do points[at + j] = true end
    end
    local list = {}
    for at in pairs(points) do list[#list + 1] = at end
    table.sort(list) -- each time further back: what was written before is still to come, and is not, once this is written
    local between = 0
    for _, at in ipairs(list) do
        local left = stopped(t, tick, at)
        if left > 0 and left < COUNT then between = between + 1 end
    end
    t:need(between > 0, "who wants the CPU gets it when the call has come to its end, and never before: what did arch_preempt() say?")
end

-- The longest stretch of a call through 128 pages in which nobody can interrupt.
local function stretch(t)
    t:nest "adder(kind=plain,count=65536)"
    local last, most = nil, 0
    local function now(again)
        if last then most = math.max(most, flatfish.icount() - last) end
        last = again and last and flatfish.icount()
    end
    flatfish.probe("kernel:sys_words_add", function() last = flatfish.icount() end)
    flatfish.probe("kernel:arch_preempt", function() now(true) end)
    flatfish.on("sysret", {}, function() now() end)
    flatfish.on("iret", { to_user = true }, function() now() end)
    local told
    flatfish.probe("adder:done", function() told = flatfish.regs.rdi end)
    t:run(0, BUDGET)
    t:need(told == 0, "%s words are not what they should be", told or "all")
    return most
end

return {
    title = "A kernel call",
    brief = "add a system call to the microkernel with correct restart",
    hours = 5,
    nest = "adder(kind=plain)",
    gdb_at = "kernel:sys_words_add",
    files = { "call.c" },
    extra = { "adder.c" },
    programs = { adder = { "adder.c" } },
    kernel = { "call.c" },
    include = { folder = "list", files = { "abi/fk/syscalls.def" } },
    checks = {
        { id = "plain", points = 15, needs = { "kernel" }, text = "a hundred words of one page, and the answer",
            hint = "memory_find() gives the kernel's own address of a byte of the caller's, good until the end of its page",
            run = function(t) right(t, "adder(kind=plain,word=8,count=100)") end },
        { id = "pages", points = 10, needs = { "kernel" }, text = "words of several pages",
            hint = "the next page may be anywhere: ask for each anew",
            run = function(t) right(t, "adder(kind=plain,word=300,count=2000)") end },
        { id = "refuses", points = 15, after = "plain", needs = { "kernel" }, text = "what makes no sense is refused before anything is done",
            hint = "NOT_ALIGNED, INVALID_ADDRESS, INVALID_STATE; count * 8 may be less than count; answers below 0 have a meaning (object.h)",
            run = function(t)
                local told = telling(t, "adder(kind=refuse)")
                flatfish.run { to = BUDGET }
                for i = 0, #refused do
                    t:need(told[i + 1], "it did not survive: %s; %s", refused[i], t:words())
                    t:need(told[i + 1][1] == 0, "answered wrongly: %s", refused[i])
                end
            end },
        { id = "rights", points = 10, after = "plain", needs = { "kernel" }, text = "what the caller may not write, the call does not write",
            hint = "say FK_WRITE when you ask for the memory; if it is not there, answer K_FAULT: the rest is done for you",
            run = function(t)
                t:nest "adder(kind=rights)"
                local at, before
                flatfish.probe("adder:main", function()
                    local main = flatfish.address "adder:main"
                    at = flatfish.space():walk(main).pa & ~7
                    before = flatfish.phys:u64(at)
                end)
                t:run(142, BUDGET)
                t:need(before and flatfish.phys:u64(at) == before, "the program's own instructions were changed")
            end },
        { id = "faults", points = 15, after = "pages", needs = { "kernel" }, text = "pages that are not there are brought, and the call goes on where it was",
            hint = "registers say what is done before you answer K_FAULT: else it is done twice; and never want all of it at once: it may not fit",
            run = function(t) right(t, "pager(frames=40,policy=fifo)/adder(kind=plain,word=300,count=40000)") end },
        { id = "long", points = 15, after = "pages", needs = { "kernel" }, text = "nobody waits longer for it than 20,000 instructions",
            hint = "arch_preempt() lets interrupts in; if it is true, answer K_AGAIN: the call in the registers is made again when it is this thread's turn",
            run = function(t)
                local most = stretch(t)
                t:need(most <= 20000, "for %d instructions nobody could interrupt it", most)
            end },
        { id = "stops", points = 20, after = "pages", needs = { "kernel" }, text = "stopped anywhere, taken apart and put together again, it is done once",
            hint = "what a call knows between two pieces must be in current->frame, and nowhere else: another thread may make the same call meanwhile",
            run = anywhere },
    },
}
