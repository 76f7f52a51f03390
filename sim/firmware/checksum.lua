-- checksum.lua -- copies an image and sets its last byte so that all its bytes add up to 0 (mod 256).
-- Usage: lua5.4 checksum.lua IN OUT BYTES; fails when IN is not of that size.
-- SPDX-License-Identifier: MIT
local from, to, size = arg[1], arg[2], tonumber(arg[3])
local file = assert(io.open(from, "rb"))
local bytes = file:read("a")
file:close()
assert(#bytes == size, from .. " has " .. #bytes .. " bytes, wanted " .. size)
local sum = 0
for i = 1, size - 1 do
    sum = (sum + bytes:byte(i)) % 256
end
local out = assert(io.open(to, "wb"))
assert(out:write(bytes:sub(1, size - 1), string.char((256 - sum) % 256)))
assert(out:close())
