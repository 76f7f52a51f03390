-- sim/tests/fuzz/gdb_corpus.lua FOLDER DICTIONARY PACKETS.DEF FILE.rsp...: what the transcripts' clients
-- send, as inputs of fuzz_gdb.c, a file for each transcript, and a dictionary of the packets' names.
-- Names that a transcript takes from an answer become what means something to machine.c.
-- SPDX-License-Identifier: MIT
local names = { first = "p7.1", thread = "p9.2", other = "pc.3", app = "9", tracer = "7", file = "1" }
local address = "1010" -- of code that is soon executed

local folder, dictionary, packets = arg[1], arg[2], arg[3]

local function bytes(text)
    text = text:gsub("%$([a-z_][a-z_0-9]*)", function(name) return names[name] or address end)
    text = text:gsub("\\%{(%d+)%*([^}]*)%}", function(n, what) return what:rep(math.min(tonumber(n), 300)) end)
    text = text:gsub("\\x(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    return (text:gsub("\\%d", address))
end

local function framed(packet)
    local sum = 0
    for i = 1, #packet do sum = sum + packet:byte(i) end
    return ("$%s#%02x"):format(packet, sum % 256)
end

for i = 4, #arg do
    local out = { string.char(i, 0, 0, 0) }
    for line in io.lines(arg[i]) do
        local packet, raw = line:match("^> (.*)"), line:match("^>> (.*)")
        out[#out + 1] = packet and framed(bytes(packet)) or raw and bytes(raw) or nil
    end
    local f = assert(io.open(("%s/%s"):format(folder, arg[i]:match("[^/]+$")), "wb"))
    assert(f:write(table.concat(out)))
    assert(f:close())
end

local words = assert(io.open(dictionary, "w"))
for line in io.lines(packets) do
    local prefix = line:match('^PACKET%("(.-)"')
    if prefix then words:write(('"$%s"\n"#%02x"\n'):format(prefix, tonumber(framed(prefix):sub(-2), 16))) end
end
assert(words:close())
