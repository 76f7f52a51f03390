#!/bin/sh
# A pager's policies fault exactly where models of them do (patterns.lua).
# SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/pager/tests/patterns.lua" "${srcdir:-.}" .
