/* sim/core/sym_image.h -- the images whose symbols are known, shared by the files that look things
 * up in them: sym.c (names and addresses), sym_dwarf.c (lines, members). sym_image.c owns the list.
 * Names point into an image's bytes and live as long as the image.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_SYM_IMAGE_H
#define SIM_CORE_SYM_IMAGE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sym.h"

enum { SYM_NESTING = 64 }; /* symbols inside symbols that a look-up climbs through */
#define SYM_NONE UINT32_MAX

struct symbol {
    gva at, end;      /* [at, end): what it covers; at == end: a constant, never found by address */
    const char *name; /* in the image */
    uint32_t outer;   /* index of the symbol around it in the table by address, or SYM_NONE */
    uint8_t rank;     /* best first: 0 global function ... */
    bool global;
};

struct image {
    struct image *next;
    char *name;
    uint8_t *bytes;
    size_t size;
    Elf *elf;
    Dwarf *dwarf;
    bool dwarf_tried;
    struct symbol *symbol; /* by address */
    struct symbol *named;  /* by name */
    size_t symbols, names;
};

extern struct image *sym_images; /* in the order they were added */

struct image *sym_image_find(const char *name, size_t n);
/* Is it the one that was asked for? NULL = any. */
bool sym_image_wanted(const struct image *i, const char *image);

#endif
