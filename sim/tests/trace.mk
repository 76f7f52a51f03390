# sim/tests/trace.mk -- tests and benchmark of the trace.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/trace_make.h
TRACE_TESTS = \
	sim/tests/t_trace_roundtrip sim/tests/t_trace_cut sim/tests/t_trace_ring \
	sim/tests/t_trace_full sim/tests/t_trace_dir sim/tests/t_trace_kill \
	sim/tests/t_trace_babeltrace sim/tests/t_trace_cmd
check_PROGRAMS += $(TRACE_TESTS) sim/tests/trace_bench sim/tests/trace_sample sim/tests/trace_crowd \
	sim/tests/trace_matches
TESTS += $(TRACE_TESTS)
sim_tests_t_trace_roundtrip_SOURCES = %D%/t_trace_roundtrip.c
sim_tests_t_trace_roundtrip_LDADD = sim/libsim.a
sim_tests_t_trace_cut_SOURCES = %D%/t_trace_cut.c
sim_tests_t_trace_cut_LDADD = sim/libsim.a
sim_tests_t_trace_ring_SOURCES = %D%/t_trace_ring.c
sim_tests_t_trace_ring_LDADD = sim/libsim.a
sim_tests_t_trace_full_SOURCES = %D%/t_trace_full.c
sim_tests_t_trace_full_LDADD = sim/libsim.a
sim_tests_t_trace_dir_SOURCES = %D%/t_trace_dir.c
sim_tests_t_trace_dir_LDADD = sim/libsim.a
sim_tests_t_trace_kill_SOURCES = %D%/t_trace_kill.c
sim_tests_t_trace_kill_LDADD = sim/libsim.a
sim_tests_t_trace_babeltrace_SOURCES = %D%/t_trace_babeltrace.c
sim_tests_t_trace_babeltrace_LDADD = sim/libsim.a
sim_tests_t_trace_cmd_SOURCES = %D%/t_trace_cmd.c
sim_tests_t_trace_cmd_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
sim_tests_t_trace_cmd_LDADD = sim/libsim.a $(JANSSON_LIBS)
# Not a test: prints nanoseconds an event.
sim_tests_trace_bench_SOURCES = %D%/trace_bench.c
sim_tests_trace_bench_LDADD = sim/libsim.a
sim_tests_trace_crowd_SOURCES = %D%/trace_crowd.c
sim_tests_trace_crowd_LDADD = sim/libsim.a
sim_tests_trace_sample_SOURCES = %D%/trace_sample.c
sim_tests_trace_sample_LDADD = sim/libsim.a
sim_tests_trace_matches_SOURCES = %D%/trace_matches.c
sim_tests_trace_matches_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
sim_tests_trace_matches_LDADD = sim/libsim.a $(JANSSON_LIBS)

# libFuzzer: see sim/tests/fuzz/local.mk.
EXTRA_DIST += %D%/fuzz/fuzz_ctf.c %D%/fuzz/fuzz_ctf.sh
TESTS += sim/tests/fuzz/fuzz_ctf.sh
CLEANFILES += sim/tests/fuzz/fuzz_ctf
FUZZ_CTF = trace/reader.c trace/reader_meta.c trace/walk.c sim/trace/tally.c sim/trace/summary.c sim/trace/export.c
fuzz-ctf: sim/tests/fuzz/fuzz_ctf
sim/tests/fuzz/fuzz_ctf: sim/tests/fuzz/fuzz_ctf.c $(FUZZ_CTF)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) -DFUZZING $^ -o $@
.PHONY: fuzz-ctf
