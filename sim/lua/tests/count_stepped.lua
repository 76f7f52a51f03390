-- What count() and charge() say equals an independent count by single steps.
-- want: 0
-- SPDX-License-Identifier: MIT
flatfish.run { to = 15400 }
local function charged()
    local user, kernel = 0, 0
    for _, r in ipairs((flatfish.charge())) do
        if r.user then user = user + r.instructions else kernel = kernel + r.instructions end
    end
    return user, kernel
end
local u0, k0 = charged()
local c = flatfish.count { by = { "to_user" } }
local user, kernel, ups, downs = 0, 0, 0, 0
for _ = 1, 3000 do
    local _, before = flatfish.mode()
    flatfish.step()
    local _, after = flatfish.mode()
    if before == 3 then user = user + 1 else kernel = kernel + 1 end
    if before ~= 3 and after == 3 then ups = ups + 1 end
    if before == 3 and after ~= 3 then downs = downs + 1 end
end
local u1, k1 = charged()
assert(u1 - u0 == user and k1 - k0 == kernel, ("%d %d, stepped %d %d"):format(u1 - u0, k1 - k0, user, kernel))
for _, r in ipairs(c:rows()) do assert(r.n == (r.to_user and ups or downs)) end
assert(ups > 100 and select(2, flatfish.charge()) == flatfish.icount())
