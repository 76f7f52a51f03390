-- lua-scripts/lib/progress.lua -- how far a long piece of work is, on a line of the terminal that goes when
-- it is done: progress(done, all, failed). Nothing where nobody is watching.
-- SPDX-License-Identifier: MIT
return function(done, all, failed)
    if not flatfish.terminal() then return end
    local width = 40
    local n = all > 0 and done * width // all or width
    io.stderr:write(("\r[%s%s] %d of %d%s "):format(("#"):rep(n), ("."):rep(width - n), done, all,
        failed > 0 and (", %d failed"):format(failed) or ""))
    if done == all then io.stderr:write("\r\27[K") end
end
