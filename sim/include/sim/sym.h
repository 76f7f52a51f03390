/* sim/sym.h -- names of places, from ELF symbol tables and DWARF (elfutils).
 * An *image* is an ELF file known under a short name ("kernel", "pager"). Images come from the boot
 * configuration and, for programs inside an initrd, from sim_sym_add_bytes().
 * SPDX-License-Identifier: MIT */
#ifndef SIM_SYM_H
#define SIM_SYM_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

int sim_sym_add_file(const char *image, const char *path);
int sim_sym_add_bytes(const char *image, const void *elf, size_t n); /* bytes are copied */
/* "symbol", "symbol+0x10", "image:symbol", "image:symbol+8", "0xADDRESS", "1234". 0 and *at, or -1
 * with sim_error() naming near misses. */
int sim_sym_address(const char *text, gva *at);
/* The function or object that holds `at`: name into `out` as "symbol+0x1f" (or "0x..." when none).
 * `image` NULL = all. Returns 0 when a symbol was found. */
int sim_sym_name(const char *image, gva at, char *out, size_t max);
/* Source line of `at`: "file.c:12". -1 = unknown. */
int sim_sym_line(const char *image, gva at, char *out, size_t max);
/* Every ELF program in a ustar archive (an initrd), each under its file's name without folder and
 * ".elf". Beside NAME.tar, NAME-debug.tar may hold the same programs with debug information.
 * Returns how many, or -1. */
int sim_sym_add_archive(const char *path);
/* Where `member` lies in `struct type`, from the image's DWARF. 0, or -1 = unknown. */
int sim_sym_member(const char *image, const char *type, const char *member, uint64_t *offset);
/* The ELF file of an image, as long as it stays; NULL = there is no such image. */
const void *sim_sym_bytes(const char *image, size_t *n);
/* Name of the n-th image, NULL = there are no more. */
const char *sim_sym_image(unsigned n);
void sim_sym_clear(void);

#ifdef __cplusplus
}
#endif
#endif
