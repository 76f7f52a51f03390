-- tests/pc/iso.lua -- makes the smallest CD image that boots: lua iso.lua BOOT-SECTOR OUT.iso
-- El Torito without emulation: the BIOS loads the boot sector to 0x7c00 and jumps to it. There is no
-- file in it, so the volume descriptor names an empty root.
-- SPDX-License-Identifier: MIT
local SECTOR = 2048
local function pad(bytes, n) return bytes .. string.rep("\0", (n or SECTOR) - #bytes) end

local f = assert(io.open(arg[1], "rb"))
local boot = f:read("a")
f:close()
local function both(n) return string.pack("<I4>I4", n, n) end

local primary = pad("\1CD001\1\0" .. string.rep(" ", 32) .. "FLATFISH" .. string.rep(" ", 24) ..
                    string.rep("\0", 8) .. both(22))
local record = pad(pad("\0CD001\1EL TORITO SPECIFICATION", 0x47) .. string.pack("<I4", 19))
local stop = pad("\255CD001\1")
-- The catalog: validation entry (its words add up to 0), then the default entry.
local validation = pad("\1\0\0\0", 0x1c) .. "\0\0" .. "\x55\xaa"
local sum = 0
for i = 1, 32, 2 do sum = sum + string.unpack("<I2", validation, i) end
validation = validation:sub(1, 0x1c) .. string.pack("<I2", -sum & 0xffff) .. "\x55\xaa"
local entry = pad(string.pack("<I1I1I2I1I1I2I4", 0x88, 0, 0, 0, 0, 1, 20), 32)

local out = assert(io.open(arg[2], "wb"))
out:write(string.rep("\0", 16 * SECTOR), primary, record, stop, pad(validation .. entry), pad(boot),
          pad(""))
assert(out:close())
