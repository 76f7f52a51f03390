#!/bin/sh
# What a sibling does is no matter (fair.lua). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/fair.lua" "${srcdir:-.}" .
