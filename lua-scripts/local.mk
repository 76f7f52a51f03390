# lua-scripts/local.mk -- scripts, their library and the cost models, as they are installed.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/cost/README.md %D%/lib/README.md %D%/flatfish.meta.lua
costdir = $(pkgdatadir)/lua-scripts/cost
dist_cost_DATA = %D%/cost/equal.lua %D%/cost/x86-2020s.lua %D%/cost/ppro-1996.lua
luascriptsdir = $(pkgdatadir)/lua-scripts
dist_luascripts_DATA = %D%/overhead.lua %D%/crossings.lua %D%/faultpath.lua %D%/ipc.lua %D%/flame.lua \
	%D%/depth.lua %D%/osdi96.lua %D%/syscalls.lua %D%/top.lua
luascriptslibdir = $(pkgdatadir)/lua-scripts/lib
dist_luascriptslib_DATA = %D%/lib/args.lua %D%/lib/chart.lua %D%/lib/cost.lua %D%/lib/experiment.lua \
	%D%/lib/fit.lua %D%/lib/legs.lua %D%/lib/kept.lua %D%/lib/levels.lua %D%/lib/observed.lua %D%/lib/plots.lua %D%/lib/progress.lua %D%/lib/report.lua %D%/lib/show.lua %D%/lib/table.lua
