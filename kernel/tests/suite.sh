#!/bin/sh
# The in-guest suite: every case of cases.lua, under QEMU and under Flatfish, whichever is there.
# SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/kernel/tests/run.lua" "${srcdir:-.}" . "$@"
