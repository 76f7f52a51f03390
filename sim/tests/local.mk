# sim/tests/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/check.h
check_PROGRAMS += sim/tests/t_uart
TESTS += sim/tests/t_uart
sim_tests_t_uart_SOURCES = %D%/t_uart.c
sim_tests_t_uart_LDADD = sim/libsim.a
include $(top_srcdir)/sim/tests/guests/local.mk
include $(top_srcdir)/sim/tests/trace.mk
