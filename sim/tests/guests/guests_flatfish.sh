#!/bin/sh
# guests_flatfish.sh -- property: every test guest prints and exits under `flatfish run` as cases.lua
# says, which is what it does on QEMU. Skipped where flatfish is not built.
# SPDX-License-Identifier: MIT
command=${FLATFISH:-./flatfish}
test -x "$command" && test ! "$command" -ef "${srcdir:-.}/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }
here=${srcdir:-.}/sim/tests/guests
exec "${LUA:-lua5.4}" "$here/run.lua" "$here" sim/tests/guests flatfish "$command" "$@"
