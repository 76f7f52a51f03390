-- lua-scripts/lib/report.lua -- one name for all that a script shows: report.table, bars, lines,
-- heatmap, flame, lanes; report.out(table, picture, options) prints, saves and draws as --save and --plot say.
-- SPDX-License-Identifier: MIT
local report = { table = require "lib.table" }
for name, make in pairs(require "lib.plots") do report[name] = make end

-- Options every script has; spread into its list.
report.options = {
    { "save", "FILE", nil, "Write the table, too: .csv, .json, .md or .txt." },
    { "plot", "FILE", nil, "Draw it: .svg, .pdf or .png (NAME.svg); none: do not." },
}

-- Only a picture that was asked for must be possible.
local function draw(plot, path)
    local asked = path ~= nil
    if flatfish.sandbox and not asked then return end
    path = path or arg[0]:match("([^/]+)%.lua$") .. ".svg"
    local good, why = pcall(plot.save, plot, path)
    if good then
        print("picture: " .. path)
    elseif asked then
        error(why, 0)
    else
        flatfish.say(("flatfish: no picture: %s (--plot FILE draws it elsewhere)"):format(why))
    end
end

function report.out(table, plot, options)
    if flatfish.sandbox and (options.save or (options.plot or "none") ~= "none") then
        error("the sandbox writes no files: leave out --save and --plot", 0)
    end
    table:print()
    if options.save then
        table:save(options.save)
        print("table: " .. options.save)
    end
    if plot and options.plot ~= "none" then draw(plot, options.plot) end
end

return report
