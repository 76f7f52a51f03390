-- lua-scripts/lib/fit.lua -- straight line and growth through points, by least squares.
-- line(points) = slope, value at 0, r^2, the slope's standard error (nil of fewer than three points);
-- growth(points) = factor for each step of x, of positive values.
-- SPDX-License-Identifier: MIT
local fit = {}

function fit.line(points)
    local n, sx, sy, sxx, sxy, syy = #points, 0, 0, 0, 0, 0
    for _, p in ipairs(points) do
        local x, y = p[1], p[2]
        sx, sy, sxx, sxy, syy = sx + x, sy + y, sxx + x * x, sxy + x * y, syy + y * y
    end
    local d = n * sxx - sx * sx
    if d == 0 then return 0, n > 0 and sy / n or 0, 1 end
    local slope = (n * sxy - sx * sy) / d
    local spread = n * syy - sy * sy
    local r2 = spread == 0 and 1 or (n * sxy - sx * sy) ^ 2 / (d * spread)
    local zero, rest = (sy - slope * sx) / n, 0
    for _, p in ipairs(points) do rest = rest + (p[2] - zero - slope * p[1]) ^ 2 end
    return slope, zero, r2, n > 2 and math.sqrt(rest / (n - 2) * n / d) or nil
end

function fit.growth(points)
    local logs = {}
    for _, p in ipairs(points) do
        if p[2] > 0 then logs[#logs + 1] = { p[1], math.log(p[2]) } end
    end
    return math.exp((fit.line(logs)))
end

return fit
