-- sim/tests/fuzz/wire_corpus.lua FOLDER MESSAGES.DEF: what viewers say, as inputs of fuzz_wire.c: each
-- message in both visits, all of them in two, and more than any message can be. SPDX-License-Identifier: MIT
local folder, messages = arg[1], arg[2]

local function message(kind, a, b, text)
    local body = string.pack("<I8I8", a, b) .. (text or "")
    return string.pack("<I4I2I2", 8 + #body, kind, 0) .. body
end

local function write(name, bytes)
    local f = assert(io.open(folder .. "/" .. name, "wb"))
    assert(f:write(string.pack("<I4", 3), bytes)) -- it waits; a right HELLO comes first
    assert(f:close())
end

local all = {}
for line in io.lines(messages) do
    local id, name = line:match("^VIEW_MESSAGE%((%d+), (%u+), VIEWER,")
    if id then
        local text = name == "FIND" and "main+4" or name == "REACH" and "memtest:arch_fpu_holds" or nil
        for _, a in ipairs { 1, 5000, 0x3010, 1 << 62 } do
            local one = message(tonumber(id), a, name == "GOTO" and 900 or 7, text)
            write(name .. a, one .. one)
            all[#all + 1] = one
        end
    end
end
assert(#all > 20, "no messages found")
write("all", table.concat(all))
write("endless", string.pack("<I4I2I2", 1 << 20, 1, 0):rep(1200))
