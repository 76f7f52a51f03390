-- A sandboxed script that never ends is stopped by its instruction limit.
-- want: 1 the script does not end
-- SPDX-License-Identifier: MIT
while true do end
