-- lua-scripts/lib/report.lua -- one name for all that a script shows: report.table, bars, lines,
-- heatmap, flame, lanes; report.out(table, options) prints and saves as --csv, --png ... ask.
-- SPDX-License-Identifier: MIT
local report = { table = require "lib.table" }
for name, make in pairs(require "lib.plots") do report[name] = make end

-- Options every script has; spread into its list.
report.options = {
    { "save", "FILE", nil, "Write the table, too: .csv, .json, .md or .txt." },
    { "plot", "FILE", nil, "Draw it: .svg, .pdf or .png." },
}

function report.out(table, plot, options)
    table:print()
    if options.save then
        table:save(options.save)
        print("table: " .. options.save)
    end
    if options.plot and plot then
        plot:save(options.plot)
        print("picture: " .. options.plot)
    end
end

return report
