-- An unknown symbol, field, event or register suggests near ones.
-- want: 1 near: kernel:call_entry
-- SPDX-License-Identifier: MIT
local function message(...) return select(2, pcall(...)) end
assert(message(flatfish.on, "syscal", print):find("near: syscall"))
assert(message(flatfish.count, { by = { "levle" } }):find("near: level"))
assert(message(function() return flatfish.regs.rxa end):find("near: r"))
assert(message(flatfish.on, "crossing", { kind = "iretq" }, print):find("near: iret"))
assert(message(function() return flatfish.cuont end):find("near: count"))
assert(type(flatfish.report.table) == "function")
flatfish.probe("call_entri", print)
