-- gui/tests/sums.lua TRACE.csv STATS.json|- RANGES... -- what view_sums should print, by going through
-- every line of the trace's CSV; and, for the whole run, what --stats charged. No index, no buckets.
-- SPDX-License-Identifier: MIT
local csv, stats = arg[1], arg[2]
local spans, names = {}, {}

local function fields(line)
    local out, at = {}, 1
    while at <= #line + 1 do
        local quoted, after = line:match('^"([^"]*)"()', at)
        local plain
        if not quoted then plain, after = line:match("^([^,]*)()", at) end
        out[#out + 1] = quoted or plain
        at = after + 1
    end
    return out
end

local crossing = {}
for kind in ("syscall sysret sysenter sysexit int iret exception interrupt cr3 vmenter vmexit farcall"):gmatch("%S+") do
    crossing[kind] = true
end

local last
for line in io.lines(csv) do
    local f = fields(line)
    local icount = math.tointeger(tonumber(f[1]))
    if icount then
        names[f[3]], names[f[5]], names[f[7]] = f[11], f[12], f[13]
        if not last then
            last = { begin = 0, space = f[3], user = f[4] == "user", behalf = f[3], known = false }
        end
        last.till = icount
        if crossing[f[2]] then
            spans[#spans + 1] = last
            last = { begin = icount, space = f[5], user = f[6] == "user", behalf = f[7], known = true, till = icount }
        end
    end
end
spans[#spans + 1] = last

-- The page tables of the kernel's start are one row, called kernel.
local function row_name(space) return names[space] == "kernel start" and "kernel" or names[space] end

-- From a space's first instruction, or the first on its behalf, to the last.
local first, final = {}, {}
for _, s in ipairs(spans) do
    for _, who in ipairs { row_name(s.behalf), s.user and row_name(s.space) or nil } do
        first[who] = math.min(first[who] or s.begin, s.begin)
        final[who] = math.max(final[who] or s.till, s.till)
    end
end

local function new_row() return { own = 0, others = 0, kernel = 0, entries = 0, served = 0 } end

local function costs(from, to)
    local rows, sum = {}, 0
    for _, s in ipairs(spans) do
        local n = math.min(s.till, to) - math.max(s.begin, from)
        local charged = row_name(s.user and s.space or s.behalf)
        local r, client = rows[charged] or new_row(), row_name(s.behalf)
        rows[charged] = r
        if s.known and s.begin >= from and s.begin < to then r.entries = r.entries + 1 end
        if n > 0 then
            local part = not s.user and "kernel" or row_name(s.behalf) == charged and "own" or "others"
            r[part], sum = r[part] + n, sum + n
            if part == "others" then
                rows[client] = rows[client] or new_row()
                rows[client].served = rows[client].served + n
            end
        end
    end
    for name, r in pairs(rows) do
        local life = math.max(0, math.min(to, final[name]) - math.max(from, first[name]))
        r.waiting = name == "kernel" and 0 or life - r.own - r.others - r.kernel - r.served
    end
    return rows, sum
end

local function print_range(from, to)
    local rows, sum = costs(from, to)
    local lines = {}
    for name, r in pairs(rows) do
        if r.own + r.others + r.kernel + r.entries > 0 then
            lines[#lines + 1] = ("%s own=%d others=%d kernel=%d entries=%d served=%d waiting=%d"):format(name, r.own,
                r.others, r.kernel, r.entries, r.served, r.waiting)
        end
    end
    table.sort(lines)
    if #lines > 0 then print(table.concat(lines, "\n")) end
    print("sum " .. sum)
    return rows, sum
end

-- The account of --stats, by the same names.
local function charged_by_stats()
    local f = assert(io.open(stats))
    local text, space_name, rows = f:read("a"), {}, {}
    f:close()
    for index, name in text:match('"spaces":%s*(%b[])'):gmatch('"index":%s*(%d+),%s*"name":%s*"([^"]*)"') do
        space_name[index] = name == "kernel start" and "kernel" or name
    end
    for row in text:match('"charges":%s*(%b{})'):match("(%b[])"):gmatch("%b{}") do
        local space, behalf = row:match('"space":%s*(%d+)'), row:match('"behalf":%s*(%d+)')
        local user, n = row:find('"user":%s*true') ~= nil, tonumber(row:match('"instructions":%s*(%d+)'))
        local name = space_name[user and space or behalf]
        local part = not user and "kernel" or space_name[behalf] == name and "own" or "others"
        rows[name] = rows[name] or { own = 0, others = 0, kernel = 0 }
        rows[name][part] = rows[name][part] + n
    end
    return rows
end

if #arg == 2 then
    local rows = print_range(0, math.maxinteger)
    for name, r in pairs(stats ~= "-" and charged_by_stats() or {}) do
        for part, n in pairs(r) do
            local seen = rows[name] and rows[name][part] or 0
            if seen ~= n then
                io.stderr:write(("%s, %s: %d in the trace, %d charged\n"):format(name, part, seen, n))
                os.exit(1)
            end
        end
    end
end
for i = 3, #arg, 2 do print_range(math.tointeger(tonumber(arg[i])), math.tointeger(tonumber(arg[i + 1]))) end
