# tests/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/cli_lib.sh %D%/cli_run.sh %D%/cli_manpages.sh
TESTS += %D%/cli_run.sh %D%/cli_manpages.sh
