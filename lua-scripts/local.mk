# lua-scripts/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
costdir = $(pkgdatadir)/lua-scripts/cost
dist_cost_DATA = %D%/cost/equal.lua %D%/cost/x86-2020s.lua %D%/cost/ppro-1996.lua
EXTRA_DIST += %D%/cost/README.md
