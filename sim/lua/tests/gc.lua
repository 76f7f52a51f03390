-- Finalizers, which run where no limit reaches, cannot be made.
-- want: 1 no finalizers
-- SPDX-License-Identifier: MIT
setmetatable({}, { __gc = function() while true do end end })
