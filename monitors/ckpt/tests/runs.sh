#!/bin/sh
# A checkpoint that was taken out of one run goes on in another, on either machine, deeper; one that
# was damaged anywhere on the way starts nothing (runs.lua). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/ckpt/tests/runs.lua" "${srcdir:-.}" .
