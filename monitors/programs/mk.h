/* monitors/programs/mk.h -- the two halves of mk: rules and what they run.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROGRAMS_MK_H
#define MONITORS_PROGRAMS_MK_H

#include "monitors/programs/work.h"

#define MK_NAME 24
#define MK_PATH (MK_NAME + 8)

/* mk_tools.c: sources made of assignments, their compiler and linker. Each runs in a process of its
 * own and returns its exit status. */
void mk_source_write(uint64_t number, uint64_t lines);
int mk_compile(const char *source, const char *object);
int mk_link(const char (*objects)[MK_NAME], unsigned count, const char *program);
/* What the linked program must hold, worked out without any file. */
uint64_t mk_expected(uint64_t files, uint64_t lines);
/* What it does hold; 0 = it cannot be read. */
uint64_t mk_program_sum(const char *program);
FILE *mk_open(const char *name, const char *mode); /* in the job's folder; NULL: it was said why */
void mk_remove(const char *name);
bool mk_exists(const char *name);

#define MK_FOLDER "/mk"

#endif
