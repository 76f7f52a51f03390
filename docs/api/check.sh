#!/bin/sh
# The pages of the kernel calls are complete and say what the list of calls says.
# SPDX-License-Identifier: MIT
exec "${LUA:-lua5.4}" "${srcdir:-.}/docs/api/make.lua" "${srcdir:-.}" --check
