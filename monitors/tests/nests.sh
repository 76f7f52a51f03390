#!/bin/sh
# Nests do what their programs say, at any depth, on both machines (run.lua, cases.lua).
# SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/run.lua" "${srcdir:-.}" . "$@"
