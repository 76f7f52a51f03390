-- labs/07-call/check.lua -- what the kernel lab asks for: the student's call in a kernel of ours, made by a program of ours that a checker
-- drives from outside (driver.lua) and stops (stops.lua). Those two look at registers and memory; what the kernel says counts for nothing.
-- SPDX-License-Identifier: MIT
local driver = require "07-call.driver"
local stops = require "07-call.stops"

local BUDGET = 40000000

-- Answers of a call that makes no sense, by abi/fk/errors.def and mon_guard().
local NOT_ALIGNED, INVALID_ADDRESS, INVALID_STATE = -(0x100 + 6), -(0x100 + 7), -(0x100 + 10)
local END, KERNEL = 0x00007ffffffff000, -0x80000000

-- One call that should be done.
local function right(t, nest, pages, from, count, paged)
    driver.new(t, nest, pages):right(from, count, 0x7fffffffffffffff, 5, BUDGET, paged)
end

-- What should be refused, and with which answer; words is where the program has some.
local function refused(words)
    return { { "an address that is no multiple of 8", NOT_ALIGNED, words + 4, 1, 0 }, { "the first address that is nobody's", INVALID_ADDRESS, END, 1, 0 },
        { "an address of the kernel's", INVALID_ADDRESS, KERNEL, 1, 0 },
        { "more words than there are addresses", INVALID_ADDRESS, words, 1 << 61, 0 },
        { "one word more than there are addresses", INVALID_ADDRESS, words, (END - words) // 8 + 1, 0 },
        { "carried = -1: what would the kernel take the answer for?", INVALID_STATE, words, 1, -1 },
        { "carried = -2", INVALID_STATE, words, 1, -2 }, { "carried = -5", INVALID_STATE, words, 1, -5 },
        { "carried = 2^62", INVALID_STATE, words, 1, 1 << 62 },
        { "no words at all, carried = 9", 9, words, 0, 9 } }
end

local function refuses(t)
    local d = driver.new(t, "adder(kind=asked)", 4)
    for _, try in ipairs(refused(d.va)) do
        local name, should = try[1], try[2]
        local answer = d:ask(try[3], try[4], 3, try[5], BUDGET)
        t:need(answer == should, "answered wrongly: %s", name)
        d:intact(("%s: "):format(name))
    end
end

-- Its own instructions, which it may not write: it must be ended by who made it, and not by the kernel alone.
local function rights(t)
    local d, others = driver.new(t, "adder(kind=asked)", 4), 0
    local text = d:read(d.at.main & -4096, 4096)
    d.some = driver.random(1)
    d:send(d.at.main & -8, 1, 3, 0)
    flatfish.on("crossing", { to_user = true }, function()
        if flatfish.regs.cr3 ~= d.cr3 then others = others + 1 end
    end)
    local answered, why = d:reach("answered", flatfish.icount() + BUDGET)
    t:need(not answered, "it was answered %d, as if it might write there", flatfish.regs.rax)
    t:need(why == "exit" and flatfish.exit_code() == 142, "the program was not ended as one that writes where it may not; %s", t:words())
    t:need(text and d:read(d.at.main & -4096, 4096) == text, "the program's own instructions were changed")
    t:need(others > 0, "nobody was asked for the memory")
end

-- Pages come and go below a pager with half as many frames.
local function faults(t)
    right(t, "pager(frames=40,policy=fifo)/adder(kind=asked,pages=80)", 80, 300, 40000, true)
end

-- A call through 128 pages: the longest stretch of it in which nobody could interrupt; and the other thread comes in between.
local function long(t)
    local s = stops.new(t, "adder(kind=stopped,pages=130)", 130, 60000000)
    local last, most = nil, 0
    local function window()
        if last then most = math.max(most, flatfish.icount() - last) end
        last = last and flatfish.icount()
    end
    flatfish.probe("kernel:arch_preempt", window)
    flatfish.on("crossing", { from_user = true }, function() last = flatfish.icount() end)
    flatfish.on("crossing", { to_user = true }, function()
        window()
        last = nil
    end)
    local left = s:left(300, 65536)
    t:need(most <= 20000, "for %d instructions nobody could interrupt it", most)
    t:need(left and left > 0 and left < 65536, "no other thread came in between: what did arch_preempt() say?")
end

local function all(length)
    local list = {}
    for before = 0, length + 2 do list[#list + 1] = before end
    return list
end

-- Of a long call some hundred, one in each stretch.
local function some(length)
    local list, random, each = {}, driver.random(4), math.max(4, length // 400)
    for before = 0, length, each do list[#list + 1] = before + (random() >> 33) % each end
    return list
end

local function anywhere(t)
    local s = stops.new(t, "adder(kind=stopped)", 4, 12000000)
    s:all(510, 4, 4000, all)
    local middle, length = s:all(300, 260, 40000, some)
    t:need(middle > 0, "who wants the CPU gets it when a call of %d instructions has come to its end, and never before: what did arch_preempt() say?", length)
    s:others_intact()
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
    ours = { "arch_preempt" },
    include = { folder = "list", files = { "abi/fk/syscalls.def" } },
    checks = {
        { id = "plain", points = 15, needs = { "kernel" }, text = "a hundred words of one page, and the answer",
            hint = "memory_find() gives the kernel's own address of a byte of the caller's, good until the end of its page",
            run = function(t) right(t, "adder(kind=asked)", 4, 8, 100) end },
        { id = "pages", points = 10, needs = { "kernel" }, text = "words of several pages",
            hint = "the next page may be anywhere: ask for each anew",
            run = function(t) right(t, "adder(kind=asked,pages=6)", 6, 300, 2000) end },
        { id = "refuses", points = 15, after = "plain", needs = { "kernel" }, text = "what makes no sense is refused before anything is done",
            hint = "NOT_ALIGNED, INVALID_ADDRESS, INVALID_STATE; count * 8 may be less than count; answers below 0 have a meaning (object.h)",
            run = refuses },
        { id = "rights", points = 10, after = "plain", needs = { "kernel" }, text = "what the caller may not write, the call does not write",
            hint = "say FK_WRITE when you ask for the memory; if it is not there, answer K_FAULT: the rest is done for you",
            run = rights },
        { id = "faults", points = 15, after = "pages", needs = { "kernel" }, text = "pages that are not there are brought, and the call goes on where it was",
            hint = "registers say what is done before you answer K_FAULT: else it is done twice; and never want all of it at once: it may not fit",
            run = faults },
        { id = "long", points = 15, after = "pages", needs = { "kernel" }, text = "nobody waits longer for it than 20,000 instructions",
            hint = "arch_preempt() lets interrupts in; if it is true, answer K_AGAIN: the call in the registers is made again when it is this thread's turn",
            run = long },
        { id = "stops", points = 20, after = "pages", needs = { "kernel" }, text = "stopped anywhere, taken apart and put together again, it is done once",
            hint = "what a call knows between two pieces must be in current->frame, and nowhere else: another thread may make the same call meanwhile",
            run = anywhere },
    },
}
