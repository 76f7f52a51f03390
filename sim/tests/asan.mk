# sim/tests/asan.mk -- `make check-asan`: the unit tests and the quick guests on our own objects built
# with the address and undefined behaviour sanitizers, in asan/ of the build folder. Bochs and the
# guests are as ever. What a command allocates once and keeps to its end is no leak.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/asan.mk
ASAN_FLAGS = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
ASAN_TESTS = $(filter sim/tests/t_% monitors/tests/t_%,$(TESTS)) \
	sim/tests/guests/guests_flatfish.sh sim/tests/guests/guests_hostile.sh sim/tests/gdb/cover.sh \
	tests/cli_run.sh tests/run_machine.sh tests/trace_run.sh tests/pc_machine.sh

check-asan:
	+$(MKDIR_P) asan && cd asan && export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 && \
	{ test -f Makefile || $(abs_top_srcdir)/configure -q $(BOCHS_TARBALL:%=--with-bochs-tarball=%) \
	    CC="$(CC)" CXX="$(CXX)" CFLAGS="$(ASAN_FLAGS)" CXXFLAGS="$(ASAN_FLAGS)"; } && \
	$(MAKE) check TESTS="$(ASAN_TESTS)"
.PHONY: check-asan

clean-local: clean-asan
clean-asan:
	-rm -rf asan
.PHONY: clean-asan
