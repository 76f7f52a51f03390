# monitors/tests/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
TESTS += %D%/nests.sh %D%/cost.sh
dist_noinst_SCRIPTS += %D%/nests.sh %D%/cost.sh
EXTRA_DIST += %D%/README.md %D%/cases.lua %D%/lib.lua %D%/run.lua %D%/cost.lua
