#!/bin/sh
# The interrupt key reaches what a shell runs, and nothing else (keys.lua). SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/keys.lua" "${srcdir:-.}" .
