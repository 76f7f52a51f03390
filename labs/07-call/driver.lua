-- labs/07-call/driver.lua -- makes the call words_add from outside: adder waits in spin(), its registers are set, and it is sent to
-- `ask`. What became of its words, and what it was answered, is read from registers and physical memory at places that were looked up before
-- the call was made for the first time: nothing that the student's kernel says, prints or tells a program decides.
-- SPDX-License-Identifier: MIT
local D = {}
D.__index = D

local CALL, PAGE, WORDS = 0x129, 4096, 512
local GOLDEN = 0x9e3779b97f4a7c15 -- of at_first() in adder.c
local KEPT = { "rbx", "rbp", "rsp", "r8", "r9", "r12", "r13", "r14", "r15" }
local PLACES = { "spin", "ask", "answered", "look", "looked", "taken", "other", "main", "cut" }

-- Numbers that only look random; the same for each submission.
function D.random(state)
    return function()
        state = state * 6364136223846793005 + 1442695040888963407
        return state ~ state >> 29
    end
end

-- ---- the program as it is before the first call ----

-- Where in physical memory `bytes` from `va` on are: page by page.
function D:locate(va, bytes)
    for page = va & -PAGE, va + bytes - 1, PAGE do
        local seen = self.space:walk(page)
        self.physical[page] = seen.present and seen.pa & -PAGE or nil
    end
end

-- What is there, by those pages; nil where one was not in memory.
function D:read(va, bytes)
    local parts = {}
    while bytes > 0 do
        local page = self.physical[va & -PAGE]
        if not page then return nil end
        local n = math.min(bytes, PAGE - va % PAGE)
        parts[#parts + 1] = flatfish.phys:read(page + va % PAGE, n)
        va, bytes = va + n, bytes - n
    end
    return table.concat(parts)
end

-- Is this the program, at work itself?
function D:here()
    return flatfish.regs.cr3 == self.cr3 and select(2, flatfish.mode()) == 3
end

-- Boots; runs until the program waits. `pages` of words; more = what else its machine should be made with.
function D.new(t, nest, pages, more)
    local d = setmetatable({ t = t, physical = {}, at = {}, words = {}, pages = pages }, D)
    t:nest(nest, more)
    local probe = flatfish.probe("adder:ready", function()
        local regs = flatfish.regs
        d.va, d.state, d.own, d.cr3, d.space = regs.rdi, regs.rsi, regs.rdx, regs.cr3, flatfish.space()
        flatfish.stop()
    end)
    flatfish.run { to = 60000000 }
    probe:off()
    t:need(d.va, "the program did not come as far as the call; %s", t:words())
    for _, name in ipairs(PLACES) do d.at[name] = flatfish.address("adder:" .. name) end
    d:locate(d.va, pages * PAGE)
    d:locate(d.own, 2 * PAGE)
    d:locate(d.state, 512)
    local first, last = math.huge, 0
    for _, at in pairs(d.at) do first, last = math.min(first, at), math.max(last, at) end
    d.code = { va = first, bytes = last + 64 - first }
    d:locate(first, d.code.bytes)
    d.code.text = d:read(first, d.code.bytes)
    for i = 0, pages * WORDS - 1 do d.words[i] = i * GOLDEN + 7 end
    d.owned = {}
    for i = 0, 2 * WORDS - 1 do d.owned[i] = i * GOLDEN + 7 end
    -- Behind a tick: whether one comes in the midst of a short call is no matter of chance.
    local tick = flatfish.on("interrupt", function() flatfish.stop() end)
    flatfish.run { to = flatfish.icount() + 10000000 }
    tick:off()
    flatfish.run { to = flatfish.icount() + 5000 }
    return d
end

local FORMAT = "<" .. ("i8"):rep(WORDS)

local function packed(words, page)
    return FORMAT:pack(table.unpack(words, page * WORDS, page * WORDS + WORDS - 1))
end

-- The program's words, all of them, are what they should be; nor were its instructions touched.
function D:intact(when)
    local wrong = 0
    for page = 0, self.pages - 1 do
        local is = self:read(self.va + page * PAGE, PAGE)
        if is ~= packed(self.words, page) then
            for i = 0, WORDS - 1 do
                wrong = wrong + ((is and ("<i8"):unpack(is, 8 * i + 1)) == self.words[page * WORDS + i] and 0 or 1)
            end
        end
    end
    self.t:need(wrong == 0, "%s%d words are not what they should be", when or "", wrong)
    if self.code.text then
        self.t:need(self:read(self.code.va, self.code.bytes) == self.code.text, "%sthe program's own instructions were changed", when or "")
    end
end

-- ---- one call ----

-- What the call adds up to in a list of words from index `from` on: the list is changed; carries.
local function add(words, from, count, value)
    local carries = 0
    for i = from, from + count - 1 do
        local sum = words[i] + value
        if math.ult(sum, value) then carries = carries + 1 end
        words[i] = sum
    end
    return carries
end

-- Sends it to the call. The program must be in spin().
function D:send(va, count, value, carried)
    local regs = flatfish.regs
    for _, name in ipairs(KEPT) do
        if name ~= "rsp" then regs[name] = self.some() end
    end
    self.kept = {}
    for _, name in ipairs(KEPT) do self.kept[name] = regs[name] end
    regs.rax, regs.rdi, regs.rsi, regs.rdx, regs.r10 = CALL, va, count, value, carried
    regs.rip = self.at.ask
end

-- Runs until it comes to `place`, this program in user mode; false = not before `to`. And why the machine stands.
function D:reach(place, to)
    local there = false
    local probe = flatfish.probe(self.at[place], function()
        if not self:here() then return end
        there = true
        flatfish.stop()
    end)
    local why = flatfish.run { to = to }
    probe:off()
    return there, why
end

-- The call and its answer in rax.
function D:ask(va, count, value, carried, budget)
    self.some = self.some or D.random(7)
    self:send(va, count, value, carried)
    local came = self:reach("answered", flatfish.icount() + budget)
    self.t:need(came, "the call did not come back within %d instructions; %s", budget, self.t:words())
    self:same_registers ""
    return flatfish.regs.rax
end

function D:same_registers(when)
    for _, name in ipairs(KEPT) do
        self.t:need(flatfish.regs[name] == self.kept[name], "%safter the call %s was another", when, name)
    end
end

-- The call on words from index `from` on: asked, answered and done as it should be.
function D:right(from, count, value, carried, budget, paged)
    local answer = self:ask(self.va + 8 * from, count, value, carried, budget)
    local should = carried + add(self.words, from, count, value)
    if paged then
        self:look()
    else
        self:intact()
    end
    self.t:need(answer == should, "the answer is %d; `carried` and the number of words that carried are %d", answer, should)
end

-- Brings each page of words and compares it, where a pager may have taken any.
function D:look()
    self.code.text = nil
    for page = 0, self.pages - 1 do
        local va = self.va + page * PAGE
        flatfish.regs.rdi, flatfish.regs.rip = va, self.at.look
        self.t:need(self:reach("looked", flatfish.icount() + 1000000), "page %d of the words does not come back", page)
        local seen = self.space:walk(va)
        self.physical[va] = seen.present and seen.pa & -PAGE or nil
        self.t:need(self:read(va, PAGE) == packed(self.words, page), "in page %d there are words that are not what they should be", page)
    end
end

D.add = add
return D
