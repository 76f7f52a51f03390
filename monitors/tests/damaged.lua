-- monitors/tests/damaged.lua ELF DIR -- makes damaged copies of a program: NAME.bad in DIR.
-- SPDX-License-Identifier: MIT
local file = assert(io.open(arg[1], "rb"))
local elf = file:read("a")
file:close()

local function put(text, at, format, value)
    local bytes = string.pack(format, value)
    return text:sub(1, at) .. bytes .. text:sub(at + #bytes + 1)
end

local headers = string.unpack("<I8", elf, 33)       -- where the program headers are
local damaged = {
    short = elf:sub(1, 40),
    empty = "",
    text = "#!/bin/sh\n",
    machine = put(elf, 18, "<I2", 40),
    headers = put(elf, 32, "<I8", 0xfffffffffffffff0),
    count = put(elf, 56, "<I2", 0xffff),
    entry = put(elf, 24, "<I8", 0x10),
    offset = put(elf, headers + 8, "<I8", 0x7ffffffffffff000),
    size = put(elf, headers + 40, "<I8", 0x7fffffffffff0000),
    address = put(elf, headers + 16, "<I8", 0x1000),
    high = put(elf, headers + 16, "<I8", 0xffff800000000000),
}
for name, text in pairs(damaged) do
    local out = assert(io.open(arg[2] .. "/" .. name .. ".bad", "wb"))
    out:write(text)
    out:close()
end
