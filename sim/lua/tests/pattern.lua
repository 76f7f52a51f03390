-- A pattern that needs exponential time is ended with the process.
-- want: 1 does not end
-- SPDX-License-Identifier: MIT
print((("a"):rep(40)):find(("a*"):rep(40) .. "b"))
