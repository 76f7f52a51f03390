-- tests/linux/image.lua -- makes a bootable raw disk image from a Linux kernel and an initramfs.
--   lua image.lua LOADER VMLINUZ INITRD OUT COMMAND-LINE
-- The kernel's payload is unpacked here, on the host, into the parts of an ELF file; loader.S says
-- how the disk's head is laid out. Needs the payload's own decompressor (xz, as a rule).
-- SPDX-License-Identifier: MIT
local SECTOR, HEAD = 512, 0x4000
local PARTS, PARAMS, COMMAND = 0x1000, 0x2000, 0x3000
local LOADED_AT = 0x7c00
local INITRD_AT = 0x6000000   -- above KERNEL_END of the loader, within 128 MiB
local KERNEL_LOW, KERNEL_HIGH = 0x1000000, 0x5000000
local HOLE = 65536            -- zeros shorter than this are stored, longer ones left out

local function fail(...)
    io.stderr:write("image.lua: ", string.format(...), "\n")
    os.exit(1)
end

local function read(path)
    local f, why = io.open(path, "rb")
    if not f then fail("%s", why) end
    local bytes = f:read("a")
    f:close()
    return bytes
end

local function quote(word)
    return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- A kernel says how its payload is packed only by the payload's first bytes.
local PACKERS = {
    { "\xfd7zXZ\0", "xz --single-stream -dc" }, { "\x1f\x8b", "gzip -dc" },
    { "\x28\xb5\x2f\xfd", "zstd -dcq" }, { "\x02\x21\x4c\x18", "lz4 -dcq" },
}

local function unpack_payload(vmlinuz, scratch)
    if #vmlinuz < 0x1000 or vmlinuz:sub(0x203, 0x206) ~= "HdrS" then
        fail("the kernel is no bzImage")
    end
    local setup = (vmlinuz:byte(0x1f2) + 1) * SECTOR
    local at, n = string.unpack("<I4I4", vmlinuz, 0x249)
    local payload = vmlinuz:sub(setup + at + 1, setup + at + n)
    for _, p in ipairs(PACKERS) do
        if payload:sub(1, #p[1]) == p[1] then
            local f = assert(io.open(scratch, "wb"))
            f:write(payload)
            f:close()
            local pipe = io.popen(p[2] .. " <" .. quote(scratch) .. " 2>/dev/null", "r")
            local elf = pipe:read("a")
            pipe:close()
            os.remove(scratch)
            return elf
        end
    end
    fail("the kernel is packed in a way this script does not know")
end

-- The ELF's loadable segments: { address, bytes }.
local function segments(elf)
    if elf:sub(1, 5) ~= "\x7fELF\2" then
        fail("the kernel's payload did not unpack to a 64-bit ELF file (is xz installed?)")
    end
    local entry, phoff = string.unpack("<I8I8", elf, 25)
    local phentsize, phnum = string.unpack("<I2I2", elf, 55)
    local list = {}
    for i = 0, phnum - 1 do
        local kind, _, offset, _, address, size = string.unpack("<I4I4I8I8I8I8", elf,
                                                                phoff + i * phentsize + 1)
        if kind == 1 and size > 0 then
            if address < KERNEL_LOW or address + size > KERNEL_HIGH then
                fail("the kernel wants to lie at %#x..%#x", address, address + size)
            end
            list[#list + 1] = { address, elf:sub(offset + 1, offset + size) }
        end
    end
    return list, entry
end

-- A segment without its long runs of zeros: calls add(address, bytes) for what is left.
local function split(segment, add)
    local address, bytes = segment[1], segment[2]
    local zeros = string.rep("\0", HOLE)
    local from
    for at = 0, #bytes - 1, HOLE do
        local piece = bytes:sub(at + 1, at + HOLE)
        local empty = piece == zeros:sub(1, #piece)
        if empty and from then
            add(address + from, bytes:sub(from + 1, at))
            from = nil
        elseif not empty and not from then
            from = at
        end
    end
    if from then add(address + from, bytes:sub(from + 1)) end
end

local function put(head, at, bytes)
    return head:sub(1, at) .. bytes .. head:sub(at + #bytes + 1)
end

-- boot_params: a VGA text screen, and the setup header that the kernel came with, filled in.
local function boot_params(vmlinuz, entry, initrd_bytes)
    local p = string.rep("\0", 4096)
    p = put(p, 0x06, string.pack("<I1I1", 3, 80))           -- mode, columns
    p = put(p, 0x0e, string.pack("<I1I1I2", 25, 1, 16))     -- lines, is a VGA, character height
    local header_end = 0x202 + vmlinuz:byte(0x202)
    p = put(p, 0x1f1, vmlinuz:sub(0x1f2, header_end))
    p = put(p, 0x1fa, string.pack("<I2", 0xffff))           -- video mode: as it is
    p = put(p, 0x210, string.pack("<I1I1", 0xff, 1))        -- a loader without a number; loaded high
    p = put(p, 0x214, string.pack("<I4", entry))            -- code32_start, for our loader
    p = put(p, 0x218, string.pack("<I4I4", INITRD_AT, initrd_bytes))
    return put(p, 0x228, string.pack("<I4", LOADED_AT + COMMAND))
end

local loader_path, vmlinuz_path, initrd_path, out_path, command = table.unpack(arg)
if not command then fail("usage: image.lua LOADER VMLINUZ INITRD OUT COMMAND-LINE") end
if #command >= 0x1000 then fail("the command line is too long") end
local loader, vmlinuz, initrd = read(loader_path), read(vmlinuz_path), read(initrd_path)
if #loader ~= PARTS then fail("%s is not the loader", loader_path) end

local out = assert(io.open(out_path, "wb"))
local table_bytes, sector = {}, HEAD // SECTOR
local function add(address, bytes)
    local sectors = (#bytes + SECTOR - 1) // SECTOR
    out:write(bytes, string.rep("\0", sectors * SECTOR - #bytes))
    table_bytes[#table_bytes + 1] = string.pack("<I4I4I4", sector, sectors, address)
    sector = sector + sectors
end
out:write(string.rep("\0", HEAD))
local kernel_parts, entry = segments(unpack_payload(vmlinuz, out_path .. ".payload"))
for _, segment in ipairs(kernel_parts) do
    split(segment, add)
end
add(INITRD_AT, initrd)
out:write(string.rep("\0", -sector % (16 * 63) * SECTOR)) -- whole cylinders, as a BIOS likes it

local parts = table.concat(table_bytes) .. string.rep("\0", 12)
if #parts > PARAMS - PARTS then fail("the kernel is in too many parts") end
local head = put(string.rep("\0", HEAD), 0, loader)
head = put(head, PARTS, parts)
head = put(head, PARAMS, boot_params(vmlinuz, entry, #initrd))
head = put(head, COMMAND, command .. "\0")
out:seek("set", 0)
out:write(head)
assert(out:close())
