-- labs/01-trap/check.lua -- one nested fault, leg by leg. The truth is taken from a run at each check.
-- SPDX-License-Identifier: MIT
local answers = require "lib.answers"

local NEST = "pager(frames=32,policy=fifo)/memtest(mib=1,passes=1)"

-- The first fault of memtest for which the pager must write a page to its file: at = count at which it leaves memtest, addr = what was
-- wanted, page = of store_write, call = the pager's next kernel call, served = count at which kserver gets it, back = count at which
-- memtest goes on, calls = kernel calls of the pager from `at` to `back`. Runs the machine.
local function fault(t)
    local f, found
    flatfish.on("pagefault", { level = 3, from_user = true }, function(e)
        if not found then f = { at = e.icount, addr = e.addr, calls = 0 } end
    end)
    flatfish.probe("pager:store_write", function()
        if f and not f.page then
            f.page = flatfish.regs.rdi
        end
    end)
    flatfish.on("crossing", nil, function(e)
        if not f or found then return end
        if e.to == "kserver" and f.page and not f.served then f.served = e.icount end
        if e.kind == "syscall" and e.from == "pager" then
            f.calls = f.calls + 1
            if f.page and not f.call then f.call = e.call end
        end
        if e.to == "memtest" then
            if f.served then found, f.back = f, e.icount else f = nil end
        end
    end)
    t:run()
    return t:need(found, "the run has no such fault")
end

local function asks(id, points, text, hint, truth)
    return { id = id, points = points, text = text, hint = hint, reads = { "answers.txt" }, run = function(t)
        t:nest(NEST)
        answers.need(t, id, truth(fault(t)))
    end }
end

return {
    title = "A trap, four programs",
    brief = "follow one nested fault in GDB, forwards and backwards",
    hours = 2,
    files = { "answers.txt" },
    checks = {
        asks("address", 10, "the address that memtest wanted", "`nest bt` says it in its first line", function(f) return f.addr end),
        asks("trapped", 15, "the instruction count at which the fault leaves memtest", "stand in the kernel's entry: `nest bt` has the count",
            function(f) return f.at end),
        asks("page", 15, "the number of the page that is written to the file to make room", "`page` in store_write", function(f) return f.page end),
        asks("call", 10, "the name of the kernel call by which the pager asks kserver", "`nest bt` while kserver is at work", function(f)
            return f.call
        end),
        asks("served", 15, "the instruction count at which kserver begins to work on it", "`nest step to=kserver`", function(f) return f.served end),
        asks("back", 15, "the instruction count at which memtest goes on", "`nest finish` until level 3 runs", function(f) return f.back end),
        asks("calls", 20, "how many kernel calls the pager makes for this fault, its reply included",
            "`nest step kind=syscall from=pager` leads to the next; or count them in the viewer", function(f) return f.calls end),
    },
}
