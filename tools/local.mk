# tools/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += \
	%D%/README.md %D%/debian-mirrors %D%/fetch-bochs %D%/build-stock-bochs \
	%D%/setup.sh %D%/nests-tar %D%/packages.list %D%/check-includes.lua %D%/check-abi \
	%D%/check-format
TESTS += %D%/check-includes.lua %D%/check-abi %D%/check-format

# The wrapper script has the program's name: a release holds the script.
dist-hook:
	rm -f $(distdir)/flatfish
	cp $(srcdir)/flatfish $(distdir)/flatfish
