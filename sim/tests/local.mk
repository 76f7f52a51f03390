# sim/tests/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/check.h %D%/options_rows.h %D%/elf_make.h
check_PROGRAMS += sim/tests/t_uart
TESTS += sim/tests/t_uart
sim_tests_t_uart_SOURCES = %D%/t_uart.c
sim_tests_t_uart_LDADD = sim/libsim.a

check_PROGRAMS += sim/tests/t_pcconf
TESTS += sim/tests/t_pcconf
sim_tests_t_pcconf_SOURCES = %D%/t_pcconf.c
sim_tests_t_pcconf_LDADD = sim/libsim.a

check_PROGRAMS += sim/tests/t_vga
TESTS += sim/tests/t_vga
sim_tests_t_vga_SOURCES = %D%/t_vga.c
sim_tests_t_vga_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS)
sim_tests_t_vga_LDADD = sim/libsim.a $(PNG_LIBS)

check_PROGRAMS += sim/tests/t_keys
TESTS += sim/tests/t_keys
sim_tests_t_keys_SOURCES = %D%/t_keys.c
sim_tests_t_keys_LDADD = sim/libsim.a

# The loader, the symbols.
check_PROGRAMS += sim/tests/t_elf sim/tests/t_boot sim/tests/t_sym
TESTS += sim/tests/t_elf sim/tests/t_boot sim/tests/t_sym
sim_tests_t_elf_SOURCES = %D%/t_elf.c
sim_tests_t_elf_LDADD = sim/libsim.a $(ELF_LIBS)
sim_tests_t_boot_SOURCES = %D%/t_boot.c
sim_tests_t_boot_LDADD = sim/libsim.a $(ELF_LIBS)
sim_tests_t_sym_SOURCES = %D%/t_sym.c
sim_tests_t_sym_LDADD = sim/libsim.a $(ELF_LIBS)

include $(top_srcdir)/sim/tests/fuzz/local.mk
include $(top_srcdir)/sim/tests/gdb/local.mk
include $(top_srcdir)/sim/tests/guests/local.mk
include $(top_srcdir)/sim/tests/trace.mk
include $(top_srcdir)/sim/tests/machine.mk
include $(top_srcdir)/sim/tests/asan.mk
