#!/bin/sh
# Nesters stand on each other in any order, under any workload (stacks.lua; STACKS=200 for the long
# way). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/stacks.lua" "${srcdir:-.}" .
