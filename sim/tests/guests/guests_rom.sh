#!/bin/sh
# guests_rom.sh -- property: our loader, start info and boot ROM start every test guest as the PVH
# convention has it, on a machine that is not ours (QEMU, with our ROM in place of its firmware).
# SPDX-License-Identifier: MIT
command -v qemu-system-x86_64 > /dev/null || { echo "no qemu-system-x86_64 here"; exit 77; }
here=${srcdir:-.}/sim/tests/guests
DUMP=$(mktemp -d guests_rom.XXXXXX) || exit 1
export DUMP
trap 'rm -rf "$DUMP"' EXIT
"${LUA:-lua5.4}" "$here/run.lua" "$here" sim/tests/guests rom qemu-system-x86_64 "$@"
