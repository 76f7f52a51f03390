#!/bin/sh
# A subtree that was saved anywhere, destroyed, and restored elsewhere prints what it would have
# printed (points.lua; CKPT_POINTS=1000 for the long way), on the other machine too.
# SPDX-License-Identifier: MIT
points() { "${LUA:-lua5.4}" "${srcdir:-.}/monitors/ckpt/tests/points.lua" "${srcdir:-.}" . "$@"; }
points || exit
points 6 procmgr 1996 qemu || test $? = 77
