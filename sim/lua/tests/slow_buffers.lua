-- Buffers so large that modelling them never ends cost the script its time.
-- want: 1 its CPU time is over
-- guest: spaces, seconds: 2
-- SPDX-License-Identifier: MIT
local huge = { bytes = 1 << 26, ways = 1 << 20, line = 64 }
flatfish.observe { cache = { data = huge, code = huge }, tlb = { data = { entries = 1 << 20, ways = 1 << 20 } } }
