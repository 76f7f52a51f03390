-- A module beside the scripts, for require.lua.
-- want: 0
-- SPDX-License-Identifier: MIT
return "a friend"
