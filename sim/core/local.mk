# sim/core/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
