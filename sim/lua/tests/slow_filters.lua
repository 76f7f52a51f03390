-- So many filters that evaluating them never ends cost the script its time, though none lets anything through.
-- want: 1 its CPU time is over
-- seconds: 2
-- SPDX-License-Identifier: MIT
local names = {}
for i = 1, 32 do names[i] = "no_such_symbol_" .. i end
for _ = 1, 999 do flatfish.on("any", { symbol = names }, print) end
