-- labs/00-look/check.lua -- the answers of the first lab, each compared with a run of its own: no number stands here.
-- SPDX-License-Identifier: MIT
local answers = require "lib.answers"
local levels = require "lib.levels"

local NEST = "pager(frames=64,policy=fifo)/memtest(mib=1,passes=1)"
local BLOCK = 0x10010000 -- where memtest's memory begins

local function row_of(name)
    for _, row in ipairs((levels.rows())) do
        if row.name == name then return row end
    end
end

local function asks(id, points, text, hint, truth)
    return { id = id, points = points, text = text, hint = hint, reads = { "answers.txt" }, run = function(t)
        t:nest(NEST)
        answers.need(t, id, truth(t))
    end }
end

return {
    title = "Look",
    brief = "boot a nest, read the overhead table, find your way in viewer and GDB",
    hours = 0.75,
    files = { "answers.txt" },
    checks = {
        asks("total", 10, "how many instructions the whole run takes", "the last line of the overhead table", function(t)
            t:run()
            return flatfish.icount()
        end),
        asks("own", 15, "how many memtest runs itself", "the column `own`, in the line of level 3", function(t)
            t:run()
            return row_of("memtest").own
        end),
        asks("kernel", 15, "how many the kernel runs on memtest's behalf", "the column `kernel for it` of `flatfish script overhead`; what `flatfish run` prints counts otherwise", function(t)
            t:run()
            return row_of("memtest").kernel
        end),
        asks("into_pager", 15, "how often control passes from the kernel to the pager", "flatfish script crossings: row, then column", function(t)
            local c = flatfish.count { by = { "to" }, event = "crossing", where = { from = "kernel", to = "pager" } }
            t:run()
            return c:total()
        end),
        asks("first_fault", 15, "at which instruction memtest first faults on its memory, at 0x10010000",
            "in GDB `nest fault 3`, again and again until that address comes; then `nest bt` has the count", function(t)
                local at
                flatfish.on("pagefault", { level = 3, from_user = true }, function(e)
                    if not at and e.addr == BLOCK then at = e.icount end
                end)
                t:run()
                return at
            end),
        asks("faults", 15, "how many page faults memtest meets in all", "the line of level 3 in `flatfish repl`; `flatfish trace summary --kind exception t` has it, too", function(t)
            local c = flatfish.count { by = { "kind" }, event = "pagefault", where = { level = 3, from_user = true } }
            t:run()
            return c:total()
        end),
        asks("written", 15, "how many pages the pager writes to its file", "it does so in store_write: count with a probe", function(t)
            local n = 0
            flatfish.probe("pager:store_write", function() n = n + 1 end)
            t:run()
            return n
        end),
    },
}
