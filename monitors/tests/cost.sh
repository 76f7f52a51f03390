#!/bin/sh
# A layer that adds nothing costs nothing (cost.lua). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/cost.lua" "${srcdir:-.}" .
