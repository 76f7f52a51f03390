-- tests/pc/terminal.lua COLUMNS ROWS <BYTES -- what a terminal showed before it went back from its
-- other screen: the lines as text. Understands what sim/cli/run_screen.c sends, no more.
-- SPDX-License-Identifier: MIT
local cols, rows = tonumber(arg[1]), tonumber(arg[2])
local bytes = io.read("a")
local from = select(2, bytes:find("\27[?1049h", 1, true))
local to = bytes:find("\27[?1049l", 1, true)
assert(from and to, "the other screen was not entered, or not left")
local text = bytes:sub(from + 1, to - 1)

local grid, row, col
local function clear()
    grid = {}
    for r = 1, rows do grid[r] = {} end
end
clear()
row, col = 1, 1

local function command(args, final)
    if final == "H" then
        row, col = args:match("^(%d+);(%d+)$")
        row, col = tonumber(row), tonumber(col)
        assert(row <= rows and col <= cols + 1, "outside: " .. args)
    elseif final == "J" then
        clear()
    elseif final == "K" then
        for c = col, cols do grid[row][c] = nil end
    else
        assert(final == "m" or final == "h" or final == "l", "unknown: " .. final)
    end
end

local at = 1
while at <= #text do
    local _, last, args, final = text:find("^\27%[([%d;?]*)(%a)", at)
    if last then
        command(args, final)
    else
        _, last = text:find("^" .. utf8.charpattern, at)
        local c = text:sub(at, last)
        if c:byte() >= 32 then
            if col <= cols then grid[row][col] = c end
            col = col + 1
        end
    end
    at = last + 1
end
for r = 1, rows do
    local line = {}
    for c = 1, cols do line[c] = grid[r][c] or " " end
    print((table.concat(line):gsub(" +$", "")))
end
