#!/bin/sh
# guests_qemu.sh -- property: every test guest prints and exits on QEMU as cases.lua says: the
# independent check that the guests, which judge our simulator, are right. Skipped without QEMU.
# SPDX-License-Identifier: MIT
command -v qemu-system-x86_64 > /dev/null || { echo "no qemu-system-x86_64 here"; exit 77; }
here=${srcdir:-.}/sim/tests/guests
exec "${LUA:-lua5.4}" "$here/run.lua" "$here" sim/tests/guests qemu qemu-system-x86_64 "$@"
