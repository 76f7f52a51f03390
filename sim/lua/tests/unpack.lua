-- Unpacking a billion values is refused.
-- want: 1 too many results|not enough memory|stack overflow
-- SPDX-License-Identifier: MIT
print(table.unpack({}, 1, 1e9))
