-- labs/lib/overlap.lua -- which submissions share much of their text: runs of words that stand in both and not in what every
-- student began with. Names, numbers, comments and layout do not count, so renaming hides nothing. A high share is a reason to
-- look, never a verdict. SPDX-License-Identifier: MIT
local M = {}

local RUN = 12 -- words

local keywords = {}
for word in ("break case char const continue do else enum for goto if int long return signed sizeof static struct switch " ..
    "typedef union unsigned void while local function end then not and or"):gmatch("%S+") do keywords[word] = true end

local function words(text)
    local out = {}
    text = text:gsub("/%*.-%*/", " "):gsub("//[^\n]*", " "):gsub("%-%-[^\n]*", " "):gsub('"[^"\n]*"', '""')
    for space, word, sign in text:gmatch("(%s*)([%w_]*)([^%w_%s]?)") do
        if word ~= "" then out[#out + 1] = keywords[word] and word or word:match("^%d") and "0" or "x" end
        if sign ~= "" then out[#out + 1] = sign end
        if space .. word .. sign == "" then break end
    end
    return out
end

-- The set of runs in these texts, without those of `known`.
local function runs(files, known)
    local set, n = {}, 0
    for _, text in pairs(files) do
        local list = words(text)
        for i = 1, #list - RUN + 1 do
            local run = table.concat(list, " ", i, i + RUN - 1)
            if not set[run] and not (known and known[run]) then
                set[run], n = true, n + 1
            end
        end
    end
    return set, n
end

-- Pairs that share at least `least` per cent of the smaller one, most first: { a=, b=, percent= }. `others` are no student's, and compared
-- with students' only: { name=, files= }, too.
function M.pairs(submissions, others, begun, least)
    local known = runs(begun)
    local sets, sizes, out = {}, {}, {}
    local students = #submissions
    submissions = table.move(others, 1, #others, students + 1, table.move(submissions, 1, students, 1, {}))
    for i, one in ipairs(submissions) do sets[i], sizes[i] = runs(one.files, known) end
    for i = 1, students do
        for j = i + 1, #submissions do
            local small, large = i, j
            if sizes[j] < sizes[i] then small, large = j, i end
            local shared = 0
            for run in pairs(sets[small]) do
                if sets[large][run] then shared = shared + 1 end
            end
            local percent = sizes[small] > RUN and shared * 100 // sizes[small] or 0
            if percent >= least then out[#out + 1] = { a = submissions[i].name, b = submissions[j].name, percent = percent } end
        end
    end
    table.sort(out, function(x, y)
        if x.percent ~= y.percent then return x.percent > y.percent end
        return x.a .. "\0" .. x.b < y.a .. "\0" .. y.b
    end)
    return out
end

return M
