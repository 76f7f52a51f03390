#!/bin/sh
# The tracer tells all that it was asked to tell, and keeps nothing (tracer.lua).
# SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/monitors/tests/tracer.lua" "${srcdir:-.}" .
