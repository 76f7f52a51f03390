-- What is installed is found by name; what lies elsewhere cannot even be asked for.
-- want: 0
-- SPDX-License-Identifier: MIT
assert(flatfish.path("kernel", "fk.elf") and not flatfish.path("kernel", ""))
local up = ("../"):rep(40)
for _, kind in ipairs { "kernel", "guest", "module" } do assert(not flatfish.path(kind, up .. "etc/passwd"), kind) end
