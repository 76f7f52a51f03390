-- labs/07-call/stops.lua -- stops the call: the program is sent to it so many instructions before the tick that wakes the thread that takes
-- it apart. All is one run forwards. What was taken must be a call that does the rest, and in the end all must be done once.
-- SPDX-License-Identifier: MIT
local D = require "07-call.driver"

local S = {}
S.__index = S

local FRAME = 40 -- of struct fk_thread_state
local RAX, RDX, RSI, RDI, R10, RIP = FRAME, FRAME + 24, FRAME + 32, FRAME + 40, FRAME + 80, FRAME + 128
local OWN, OWN_COUNT = 500, 100 -- of adder.c
local TRIES, MISSED = 3, 30 -- the rhythm may change; behind an earlier tick the program is not there to be sent: one place in so many

-- ---- ticks ----

-- Runs until the program comes to one of three places: "taken", "other", "answered"; nil = not before `to`.
function S:next(to)
    self.event = nil
    flatfish.run { to = to }
    return self.event
end

local function listen(s, place)
    flatfish.probe(s.d.at[place], function()
        if s.d:here() then
            s.event = place
            flatfish.stop()
        end
    end)
end

-- The other thread has made its own call, on words of its own.
function S:other(when)
    self.t:need(flatfish.regs.rdi == D.add(self.d.owned, OWN, OWN_COUNT, 1), "%sthe same call by another thread was answered wrongly", when)
end

-- Runs until the other thread has come and gone; the tick that made room for it was at self.tick: the program only waits meanwhile.
function S:wait(event)
    local tick
    local ticks = flatfish.on("interrupt", { from = "adder", from_user = true }, function(e) tick = e.icount end)
    if event == "taken" then -- that one was not waited for
        self.t:need(self:next(flatfish.icount() + 4 * self.cycle) == "other", "the same call by another thread did not come back")
        self:other ""
    end
    local came = self:next(flatfish.icount() + 40 * self.cycle)
    ticks:off()
    self.t:need(came == "taken" and tick, "the thread that comes between did not come; %s", self.t:words())
    self.tick = tick
    self.t:need(self:next(flatfish.icount() + 4 * self.cycle) == "other", "the same call by another thread did not come back")
    self:other ""
end

-- Boots the nest and finds the rhythm.
function S.new(t, nest, pages, ips)
    local s = setmetatable({ t = t, cycle = 400000 }, S)
    s.d = D.new(t, nest, pages, { ips = ips, mem = 64 })
    s.d.some = D.random(pages)
    for _, place in ipairs { "taken", "other", "answered" } do listen(s, place) end
    for _ = 1, 3 do s:wait() end
    local before = s.tick
    s:wait()
    s.cycle = s.tick - before
    return s
end

-- ---- what was taken ----

-- The state that the other thread has read: a call that does the rest of this one, or its end. -> how many words were left, nil = it is over
function S:consistent(call, when)
    local state = self.d:read(self.d.state, 512)
    local function word(at) return (("<i8"):unpack(state, at + 1)) end
    local now = {}
    for page = 0, self.d.pages - 1 do
        local is = self.d:read(self.d.va + page * 4096, 4096)
        for i = 0, 511 do now[page * 512 + i] = (("<i8"):unpack(is, 8 * i + 1)) end
    end
    local left, from, answer = word(RSI), (word(RDI) - self.d.va) // 8, nil
    if word(RIP) == self.d.at.ask and word(RAX) == call.number then
        self.t:need(word(RDX) == call.value and word(RDI) % 8 == 0 and left >= 0 and left <= call.count and from >= call.from and
            from + left <= call.from + call.count, "%sits registers are not a call that does the rest: rdi = 0x%x, rsi = %d, rdx = 0x%x",
            when, word(RDI), left, word(RDX))
        answer = word(R10) + D.add(now, from, left, call.value)
    else
        self.t:need(word(RIP) == self.d.at.answered or word(RIP) == self.d.at.spin, "%sit is at 0x%x, neither before nor behind the call", when,
            word(RIP))
        left, answer = nil, word(RAX)
    end
    local wrong = 0
    for i = 0, self.d.pages * 512 - 1 do wrong = wrong + (now[i] == call.words[i] and 0 or 1) end
    self.t:need(wrong == 0, "%sthe call that its registers hold would leave %d words wrong", when, wrong)
    self.t:need(left == nil and word(RIP) == self.d.at.spin or answer == call.answer,
        "%sthe call that its registers hold would be answered wrongly", when)
    return left
end

-- ---- one stop ----

-- Runs until then; false = the other thread came, or somebody else has the CPU: the rhythm was another one.
function S:spins(to)
    local event = self:next(to)
    if not event and self.d:here() and flatfish.regs.rip == self.d.at.spin then return true end
    if event == "other" then self:other "" end
    self:wait(event)
    return false
end

-- Sends the program to the call `before` instructions before a tick. -> was it taken apart before it was back? how many words were left, if
-- any; how many instructions it took
function S:stop(from, count, before)
    local d, tick, apart, left = self.d, self.tick + self.cycle, false, nil
    if tick - before <= flatfish.icount() then tick = tick + self.cycle end
    local when = before < self.cycle // 4 and ("with %d instructions of it done before the tick, "):format(before) or ""
    if not self:spins(tick - before) then return false end
    local value, carried = d.some(), d.some() & 0xffffff
    local words = table.move(d.words, 0, #d.words, 0, {})
    local answer = carried + D.add(words, from, count, value)
    local call = { number = 0x129, from = from, count = count, value = value, words = words, answer = answer }
    d:send(d.va + 8 * from, count, value, carried)
    local came, begun = nil, flatfish.icount()
    repeat
        came = self:next(tick + 2 * self.cycle)
        if came == "taken" then
            apart, left = true, self:consistent(call, when)
        elseif came == "other" then
            self:other(when)
        end
    until came == "answered" or not came
    local length = flatfish.icount() - begun
    self.t:need(came, "%sthe call never came back; %s", when, self.t:words())
    d:same_registers(when)
    d.words = words
    d:intact(when)
    self.t:need(flatfish.regs.rax == answer, "%sthe answer is %d, not %d", when, flatfish.regs.rax, answer)
    if apart then
        self.tick = tick
    else
        self:wait()
    end
    return apart, left, length
end

-- Makes a call; how many words were left when the other thread came into the midst of it, nil = it did not.
function S:left(from, count)
    local d, left = self.d, nil
    local tries = 0
    repeat
        tries = tries + 1
        self.t:need(tries <= TRIES, "the other thread keeps coming")
    until self:spins(self.tick + self.cycle // 4 + tries * 1000)
    d:send(d.va + 8 * from, count, 1, 5)
    local to = flatfish.icount() + 40 * self.cycle
    repeat
        local came = self:next(to)
        if came == "taken" then
            local state = d:read(d.state, 512)
            left = ("<i8"):unpack(state, RIP + 1) == d.at.ask and ("<i8"):unpack(state, RSI + 1) or left
        end
        self.t:need(came, "the call never came back; %s", self.t:words())
    until came == "answered"
    return left
end

-- The other thread's own words: its call was made so often, and no other.
function S:others_intact()
    for page = 0, 1 do
        for i = 0, 511 do
            local is = (("<i8"):unpack(self.d:read(self.d.own + page * 4096 + 8 * i, 8)))
            self.t:need(is == self.d.owned[page * 512 + i], "the other thread's word %d is not what it should be", page * 512 + i)
        end
    end
end

-- How many instructions the call takes when nobody stops it, from the program and back. It begins half a cycle before the other thread
-- comes, and a little behind the tick that there may be.
function S:length(from, count, room)
    local apart, _, length = self:stop(from, count, self.cycle * 15 // 32)
    self.t:need(length and not apart, "for %d words it takes more than %d instructions", count, self.cycle * 15 // 32)
    self.t:need(length <= room, "for %d words it takes %d instructions; %d should do", count, length, room)
    return length
end

-- Stops the call at each of these: a function from its length to a list. -> how often in its middle, its length
function S:all(from, count, room, places)
    local length, middle, missed = self:length(from, count, room), 0, 0
    local list = places(length)
    for _, before in ipairs(list) do
        local apart, left, tries = false, nil, 0
        repeat
            apart, left = self:stop(from, count, before)
            tries = tries + 1
        until apart or before > length or tries == TRIES
        missed = missed + ((apart or before > length) and 0 or 1)
        self.t:need(missed <= #list // MISSED, "with %d instructions of it done before the tick, the other thread did not come", before)
        if left and left > 0 and left < count then middle = middle + 1 end
    end
    return middle, length
end

return S
