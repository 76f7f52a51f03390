#!/bin/sh
# guests_exact.sh -- property: two runs of a guest have the same digest, also on a busy computer; every
# instruction is charged once, so that the charges add up to the total; crossings are counted to the
# one. Skipped where flatfish is not built.
# SPDX-License-Identifier: MIT
command=${FLATFISH:-./flatfish}
test -x "$command" && test ! "$command" -ef "${srcdir:-.}/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }
here=${srcdir:-.}/sim/tests/guests
exec "${LUA:-lua5.4}" "$here/exact.lua" "$here" sim/tests/guests "$command"
