#!/bin/sh
# A subtree that was saved anywhere, destroyed, and restored elsewhere prints what it would have
# printed (points.lua; CKPT_POINTS=1000 for the long way). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/ckpt/tests/points.lua" "${srcdir:-.}" .
