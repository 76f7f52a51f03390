-- labs/lib/gradebook.lua -- results of many submissions as a table, CSV, JSON, JUnit XML, and a page for each student.
-- SPDX-License-Identifier: MIT
local report = require "lib.report"

local M = {}

-- A student has chosen the name of what is handed in: it is text of one line.
local function shown(name)
    if not utf8.len(name) then name = name:gsub("[\x80-\xff]", "?") end
    return (name:gsub("%c", "?"))
end

-- A spreadsheet would take such a name for a formula.
local function in_sheet(name)
    return (shown(name):gsub("^[=+%-@]", "'%0"))
end

local function rows_of(lab, list, name_of)
    local rows = {}
    for i, one in ipairs(list) do
        local row = { student = name_of(one.name), points = one.points, of = lab.points }
        for _, check in ipairs(lab.checks) do row[check.id] = one.results[check.id].got end
        rows[i] = row
    end
    return rows
end

-- A line a student, a column a property.
local function grades(lab, list, name_of)
    local columns = { { "student", "student" } }
    for _, check in ipairs(lab.checks) do columns[#columns + 1] = { check.id, check.id } end
    columns[#columns + 1] = { "points", "points" }
    columns[#columns + 1] = { "of", "of" }
    return report.table { title = ("Lab %d: %s"):format(lab.number, lab.title), columns = columns, rows = rows_of(lab, list, name_of) }
end

function M.table(lab, list)
    return grades(lab, list, shown)
end

function M.csv(lab, list)
    return grades(lab, list, in_sheet):csv()
end

-- A line a student and property, with the reason.
function M.reasons(lab, list)
    local rows = {}
    for _, one in ipairs(list) do
        for _, check in ipairs(lab.checks) do
            local row = one.results[check.id]
            rows[#rows + 1] = { student = shown(one.name), property = check.id, points = row.got, of = check.points, why = row.why }
        end
    end
    return report.table { title = ("Lab %d: %s"):format(lab.number, lab.title), rows = rows, columns = { { "student", "student" },
        { "property", "property" }, { "points", "points" }, { "of", "of" }, { "why", "why" } } }
end

-- A compiler quotes a student's bytes as they are, and they need not be UTF-8: then what is no ASCII is not shown.
local function xml(text)
    if not utf8.len(text) or text:find("\xef\xbf[\xbe\xbf]") then text = text:gsub("[\x80-\xff]", "?") end
    return (text:gsub("[%c&<>\"]", function(c)
        local known = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "&#10;" }
        return known[c] or "?"
    end))
end

function M.junit(lab, list)
    local out = { '<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>" }
    for _, one in ipairs(list) do
        local failed = 0
        for _, check in ipairs(lab.checks) do
            if one.results[check.id].got < check.points then failed = failed + 1 end
        end
        out[#out + 1] = ('  <testsuite name="%s" tests="%d" failures="%d">'):format(xml(shown(one.name)), #lab.checks, failed)
        for _, check in ipairs(lab.checks) do
            local row = one.results[check.id]
            local head = ('    <testcase classname="lab%d" name="%s"'):format(lab.number, xml(check.id))
            if row.got < check.points then
                out[#out + 1] = ('%s><failure message="%d of %d points">%s</failure></testcase>'):format(head, row.got, check.points,
                    xml(row.why))
            else
                out[#out + 1] = head .. "/>"
            end
        end
        out[#out + 1] = "  </testsuite>"
    end
    out[#out + 1] = "</testsuites>\n"
    return table.concat(out, "\n")
end

-- Reasons as they are shown one below the other: what the compiler says, once.
function M.reader()
    local seen = {}
    return function(row)
        local what = row.why:match("^(%S+ was not built): ")
        if what and seen[row.why] then return what .. " (see above)" end
        seen[row.why] = true
        return row.why
    end
end

-- The page of one student, in Markdown; pictures lie beside it.
function M.page(lab, one, pictures)
    local read = M.reader()
    local out = { ("# Lab %d: %s\n"):format(lab.number, lab.title), ("%s: %d of %d points\n"):format(shown(one.name):gsub("[<>&]", "?"), one.points, lab.points) }
    for _, check in ipairs(lab.checks) do
        local row = one.results[check.id]
        out[#out + 1] = ("## %s: %d of %d\n\n%s\n"):format(check.id, row.got, check.points, check.text)
        if row.why ~= "" then out[#out + 1] = "    " .. read(row):gsub("\n", "\n    ") .. "\n" end
        if row.got < check.points and check.hint and not row.waits and not row.why:find("was not built", 1, true) then out[#out + 1] = "Hint: " .. check.hint .. "\n" end
        if pictures[check.id] then
            out[#out + 1] = ("![the last crossings](%s)\n"):format(pictures[check.id])
        end
    end
    return table.concat(out, "\n")
end

return M
