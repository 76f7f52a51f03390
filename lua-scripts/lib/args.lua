-- lua-scripts/lib/args.lua -- a script's own command line: --name VALUE, --flag, positional words.
-- parse(arg, spec) gives a table of values, or nil after it has printed the help or what is wrong
-- (then flatfish.stop(2) has set the exit code). spec = {usage=, text=, {"name", "VALUE", default,
-- "help" [, least]}, {"flag", nil, false, "help"}, positional = {"nest"}}. Beside a machine that is there already
-- (flatfish run ... --script NAME) no nest is asked for: what runs is the nest.
-- SPDX-License-Identifier: MIT
local args = {}

local function help(spec)
    print("Usage: flatfish script " .. spec.usage)
    if (spec.positional or {})[1] == "nest" then
        print("       flatfish run MACHINE... --script " .. spec.usage:gsub(" NEST ", " -- "))
    end
    print("\n" .. spec.text .. "\n")
    for _, row in ipairs(spec) do
        print(("  %-22s %s%s"):format("--" .. row[1] .. (row[2] and " " .. row[2] or ""), row[4],
            row[2] and row[3] ~= nil and (" (" .. tostring(row[3]) .. ")") or ""))
    end
    print(("  %-22s %s"):format("--help", "Show this text."))
end

-- Says what is wrong with the command line, and ends with exit code 2.
function args.wrong(text)
    flatfish.say("flatfish: script: " .. text)
    flatfish.quit(2)
end
local wrong = args.wrong

-- The run shows nothing of what was asked for: ends with exit code 1.
function args.fail(text)
    flatfish.say("flatfish: script: " .. text)
    flatfish.quit(1)
end

-- What the guest said last, to be quoted.
function args.last_words()
    local line = (flatfish.console():match("([^\r\n]+)[\r\n]*$") or ""):sub(1, 200)
    if line == "" and flatfish.settings.machine then return "what it said stands above" end
    return line == "" and "it printed nothing" or "its last words: " .. line
end

-- As flatfish.run(). A run that does not end well is said to, and its code is the script's.
function args.run()
    local why, icount = flatfish.run()
    local code = why == "exit" and flatfish.exit_code() or why == "stopped" and 0 or 1
    if code ~= 0 then
        flatfish.say(("flatfish: script: the run ended by %s; %s"):format(
            why == "exit" and "exit code " .. code or why, args.last_words()))
        flatfish.stop(code)
    end
    return why, icount
end

local function find(spec, name)
    for _, row in ipairs(spec) do
        if row[1] == name then return row end
    end
end

-- The value of an option; nil after a message.
local function value_of(row, text)
    if math.type(row[3]) ~= "integer" then return text end
    local n = math.tointeger(tonumber(text))
    if not n then return wrong(("--%s: '%s' is not a whole number"):format(row[1], text)) end
    if row[5] and n < row[5] then return wrong(("--%s: %d is out of range (%d or more)"):format(row[1], n, row[5])) end
    return n
end

-- The option at words[i]: true when it takes the word after it, too; nil after a message.
local function option(words, i, spec, out)
    local name, value = words[i]:match("^%-%-([%w-]+)=(.*)$")
    name = name or words[i]:match("^%-%-([%w-]+)$")
    local row = name and find(spec, name)
    if not row then return wrong("unknown option " .. words[i] .. " (see --help)") end
    if not row[2] and value then return wrong("--" .. name .. " takes no value") end
    local next_word = row[2] and not value
    if next_word then value = words[i + 1] end
    if row[2] and not value then return wrong("--" .. name .. " needs a value: " .. row[2]) end
    if row[2] then out[name] = value_of(row, value) else out[name] = true end
    return next_word
end

function args.parse(words, spec)
    local out, n, i = {}, 0, 1
    if flatfish.settings.machine and (spec.positional or {})[1] == "nest" then
        n, out.nest = 1, flatfish.settings.machine
    end
    for _, row in ipairs(spec) do out[row[1]] = row[3] end
    while i <= #words do
        local word = words[i]
        if word == "--help" or word == "-h" then return help(spec) end
        if word:find("^%-.") then
            i = option(words, i, spec, out) and i + 1 or i
        else
            n = n + 1
            local key = (spec.positional or {})[n]
            if not key then return wrong("unexpected argument '" .. word .. "' (see --help)") end
            out[key] = word
        end
        i = i + 1
    end
    for k = n + 1, spec.needs or 0 do
        return wrong("what shall run? give " .. spec.positional[k]:upper() .. " (see --help)")
    end
    return out
end

-- The machine that a nest's name, or one of the small guests', means: "pingpong" is a guest when
-- there is one. The one that is there already, if so. false after a message.
function args.machine(what, more)
    if flatfish.settings.machine then
        return more and more.append and wrong("--append is the machine's: give it before --script") or true
    end
    local config = { mem = 256 }
    for k, v in pairs(more or {}) do config[k] = v end
    if flatfish.path("guest", what) and not what:find("[/(*%[]") then
        config.guest, config.mem = what, more and more.mem or 64
    else
        config.nest = what
    end
    local good, message = flatfish.machine(config)
    if not good then
        flatfish.say("flatfish: script: " .. message)
        flatfish.quit(1)
        return false
    end
    return true
end

return args
