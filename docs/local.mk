# docs/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
EXTRA_DIST += %D%/stats.md %D%/teaching.md
EXTRA_DIST += %D%/trace.md %D%/view.md %D%/view.png %D%/view-fault.png %D%/view-compare.png %D%/view-live.png %D%/view-pictures.sh
dist_man_MANS += %D%/man/flatfish-run.1 %D%/man/flatfish-gdb.1
dist_man_MANS += %D%/man/flatfish-script.1 %D%/man/flatfish-experiment.1 %D%/man/flatfish-repl.1
dist_man_MANS += %D%/man/flatfish-bench.1
dist_man_MANS += %D%/man/flatfish-lab.1 %D%/man/flatfish-grade.1
dist_man_MANS += %D%/man/flatfish-trace.1 %D%/man/flatfish-view.1
EXTRA_DIST += %D%/README.md %D%/install.md
dist_man_MANS += %D%/man/flatfish.1
EXTRA_DIST += %D%/kernel.md
include $(top_srcdir)/docs/api/local.mk
EXTRA_DIST += %D%/pc.md
EXTRA_DIST += %D%/nests.md
EXTRA_DIST += %D%/osdi96.md %D%/osdi96.png
EXTRA_DIST += %D%/lua.md %D%/gdb.md %D%/gdb-stub.md
