-- lua-scripts/lib/legs.lua -- one event followed leg by leg, a leg from one crossing to the next: who ran, why
-- control passed on, how long. add(legs, e) at each crossing; show() is table and swim lanes.
-- SPDX-License-Identifier: MIT
local report = require "lib.report"
local legs = {}

function legs.label(level, name) return level > 0 and ("L%d %s"):format(level, name) or name end

function legs.add(list, e)
    local to_user = e.to_user
    list[#list + 1] = { from = e.icount, reason = e.reason, who = legs.label(e.to_level, e.to),
        place = flatfish.symbol(flatfish.regs.rip, (to_user or e.kind == "exception") and flatfish.space() or "kernel") or "" }
end

-- path = {at =, till =, legs =}; words = {title =, picture =, xlabel =, places = bool}
function legs.show(path, words, options)
    local lanes, lane_of, spans = {}, {}, {}
    for i, leg in ipairs(path.legs) do
        leg.n, leg.till = i, path.legs[i + 1] and path.legs[i + 1].from or path.till
        leg.instructions = leg.till - leg.from
        if not lane_of[leg.who] then
            lanes[#lanes + 1] = leg.who
            lane_of[leg.who] = #lanes
        end
        spans[i] = { lane = lane_of[leg.who], from = leg.from - path.at, to = leg.till - path.at, label = leg.reason }
    end
    local columns = { { "n", "leg" }, { "reason", "by" }, { "who", "runs" } }
    if words.places then columns[#columns + 1] = { "place", "at" } end
    columns[#columns + 1] = { "instructions", "instructions" }
    report.out(report.table { title = words.title, columns = columns, rows = path.legs },
        report.lanes { title = words.picture, lanes = lanes, spans = spans, xlabel = words.xlabel }, options)
end

return legs
