# sim/core/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
sim_libsim_a_SOURCES += %D%/stats.c %D%/stats.h %D%/digest.c %D%/digest.h
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += %D%/error.c %D%/elf.c %D%/elf.h %D%/boot.c %D%/boot.h
sim_libsim_a_SOURCES += %D%/sym.c %D%/sym_image.c %D%/sym_image.h %D%/sym_dwarf.c
sim_libsim_a_SOURCES += %D%/pcconf.c %D%/pcconf.h
sim_libsim_a_SOURCES += %D%/archive.c %D%/vector.c %D%/object.c %D%/chain.c %D%/name.c %D%/keys.c
sim_libsim_a_SOURCES += %D%/output.c %D%/socket.c
