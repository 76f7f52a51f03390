-- monitors/pager/tests/patterns.lua SOURCE BUILD -- on known orders of use, every policy faults on
-- exactly the pages that a model of it says, one after the other; Belady's choice (order) never faults
-- more often than any other; FIFO has its anomaly: more frames, more faults. The page faults are those
-- that the pager marks between BEGIN and END of the program `pattern`.
-- SPDX-License-Identifier: MIT
local source, build = arg[1] or ".", arg[2] or "."
package.path = source .. "/monitors/tests/?.lua;" .. package.path
local lib = require("lib")

-- ---- what the machine does ----

-- Pages that faulted, counted from the first of the pattern's memory, and how many frames there were
-- for them: all but those that hold kernel objects.
local function measure(policy, frames, options)
    local trace = lib.capture("mktemp -d"):match("%S+")
    local nest = string.format("pager(frames=%d,policy=%s,scan=1)/pattern(%s,warm=64%s)", frames,
        policy, options, policy == "order" and ",order=1" or "")
    local _, code = lib.capture(lib.within(300, ("%s/flatfish run %s --quiet --force --trace %s </dev/null"):format(
        build, lib.quote(nest), trace)))
    assert(code == 0, nest .. ": exit code " .. code)
    local csv = assert(io.popen(build ..
        "/flatfish trace export --format csv --kind begin,end,mark,mark2 " .. trace))
    local faults, kept, inside, pinned = {}, {}, false, 0
    for line in csv:lines() do
        local event = line:match("^%d+,(%w+)")
        local page, label = line:match(",0x(%x+),[^,]*,[^,]*,[^,]*,\"(pager %w+)\"$")
        if event == "begin" then inside = true elseif event == "end" then inside = false end
        if event == "mark" and label == "pager keep" and not kept[page] then
            kept[page] = true
            pinned = pinned + 1
        elseif event == "mark" and inside and (label == "pager zero" or label == "pager read") then
            faults[#faults + 1] = tonumber(page, 16)
        end
    end
    csv:close()
    os.execute("rm -rf " .. trace)
    return faults, frames - pinned
end

-- ---- the same orders, and models of the policies ----

local function sequence(options)
    local refs, pages = options:match("refs=(%x+)"), tonumber(options:match("pages=(%d+)"))
    local length, list = tonumber(options:match("length=(%d+)") or 100), {}
    if refs then
        for _ = 1, tonumber(options:match("times=(%d+)") or 1) do
            for digit in refs:gmatch("%x") do list[#list + 1] = tonumber(digit, 16) end
        end
    elseif options:match("kind=random") then
        local state = 0
        for i = 1, length do
            state = state * 6364136223846793005 + 1442695040888963407
            list[i] = (state >> 32) * pages >> 32
        end
    else
        for i = 1, length do list[i] = (i - 1) % pages end
    end
    return list
end

local function index(list, item)
    for i, what in ipairs(list) do if what == item then return i end end
end

-- Each gets the resident pages (first in list = here longest), the pages used since the last fault,
-- the one that came last, what is still to come; takes one out of the list.
local victim = {}
function victim.fifo(list) table.remove(list, 1) end

function victim.lru(list, used, newest)
    local order = { newest }
    for _, page in ipairs(list) do if used[page] and page ~= newest then order[#order + 1] = page end end
    for _, page in ipairs(order) do
        if used[page] then
            table.remove(list, index(list, page))
            list[#list + 1] = page
        end
    end
    table.remove(list, 1)
end

function victim.clock(list, used, _, _, _, bits)
    for page in pairs(used) do bits[page] = true end
    while bits[list[1]] do
        local page = table.remove(list, 1)
        bits[page] = nil
        list[#list + 1] = page
    end
    table.remove(list, 1)
end

function victim.order(list, _, _, refs, at)
    local best, farthest = 1, -1
    for i, page in ipairs(list) do
        local next_use = math.maxinteger
        for j = at, #refs do
            if refs[j] == page then next_use = j break end
        end
        if next_use > farthest then best, farthest = i, next_use end
    end
    table.remove(list, best)
end

-- Before the order, `warm` pages are used once each (negative numbers), so that all frames are full.
local function model(policy, frames, refs, warm)
    local list, here, used, faults, newest, bits = {}, {}, {}, {}, nil, {}
    for at = 1 - warm, #refs do
        local page = at > 0 and refs[at] or at - 1
        if not index(list, page) then
            if #list == frames then victim[policy](list, used, newest, refs, at, bits) end
            list[#list + 1] = page
            used, newest = {}, page
            if at > 0 then faults[#faults + 1] = page end
        end
        used[page] = true
    end
    return faults
end

-- ---- compare ----

local failed, count = 0, {}
local function check(good, ...)
    print(good and "PASS" or "FAIL", string.format(...))
    if not good then failed = failed + 1 end
end

local function same(a, b)
    for i = 1, math.max(#a, #b) do if a[i] ~= b[i] then return false end end
    return true
end

-- Where the clock's hand stands when the order begins depends on what was before: it may stand
-- anywhere. The others do not care.
local function predicted(policy, frames, refs, seen)
    local faults
    for warm = 2 * frames, 4 * frames do
        faults = model(policy, frames, refs, warm)
        if policy == "order" and #faults == #seen or same(faults, seen) then return true, faults end
    end
    return false, faults
end

local function compare(policy, frames, options)
    local seen, room = measure(policy, frames, options)
    local refs = sequence(options)
    local base = seen[1] and seen[1] - refs[1] or 0 -- the first of the order faults: it is cold
    for i in ipairs(seen) do seen[i] = seen[i] - base end
    local good, faults = predicted(policy, room, refs, seen)
    check(good, "%-5s %d frames, %s: %d faults of %d (model: %d)", policy, room, options, #seen, #refs,
        #faults)
    count[policy .. room .. options] = #seen
    return #seen, room
end

-- Belady's own example, where FIFO does worse with four frames than with three.
local example = "pages=16,refs=123412512345"
local three, room = compare("fifo", 8 - 1, example)
local four = compare("fifo", 8, example)
check(room == 3 and three == 9 and four == 10, "FIFO's anomaly: 3 frames %d faults, 4 frames %d",
    three, four)
for _, options in ipairs { example, "pages=6,kind=loop,length=60", "pages=9,kind=random,length=300",
                           "pages=9,kind=random,length=300,write=1" } do
    local best = compare("order", 8, options)
    for _, policy in ipairs { "fifo", "lru", "clock" } do
        local faults = compare(policy, 8, options)
        check(best <= faults, "order %d <= %s %d", best, policy, faults)
    end
end
print(failed == 0 and "all as the models say" or failed .. " failed")
os.exit(failed == 0 and 0 or 1)
