-- labs/lib/answers.lua -- answers.txt: lines of `name = value`, `#` begins a comment. Nothing of it is ever executed. A value is a
-- number (decimal with or without commas, or 0x...) or words, compared without regard to case and outer spaces.
-- SPDX-License-Identifier: MIT
local M = {}

function M.parse(text)
    local answers = {}
    for line in text:gmatch("[^\r\n]+") do
        local name, value = line:gsub("#.*$", ""):match("^%s*([%w_]+)%s*=%s*(.-)%s*$")
        if name then answers[name] = value end
    end
    return answers
end

-- nil when it is no number.
function M.number(text)
    if text:match("^%d[%d,]*$") then text = text:gsub(",", "") end
    return math.tointeger(tonumber(text))
end

-- Fails the trial unless the answer called `name` is `truth`. What the truth is, is not said.
function M.need(t, name, truth)
    local given = M.parse(t.files["answers.txt"] or "")[name]
    t:need(given and given ~= "", "there is no answer called %s in answers.txt yet", name)
    if math.type(truth) == "integer" then
        local n = M.number(given)
        t:need(n, "%s: '%s' is not a whole number", name, given:sub(1, 40))
        t:need(n == truth, "%s: %s is not what the machine says", name, given:sub(1, 40))
        return
    end
    t:need(given:lower() == truth:lower(), "%s: '%s' is not what the machine says", name, given:sub(1, 40))
end

return M
