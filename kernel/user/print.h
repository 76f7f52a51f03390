/* kernel/user/print.h -- printing for the root program, and the memory functions of C.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_USER_PRINT_H
#define KERNEL_USER_PRINT_H

#include <stddef.h>
#include <stdint.h>

/* %s text, %d signed, %u unsigned, %x hexadecimal: all 64 bits wide. At most 255 characters. */
void print(const char *format, ...);
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
#endif
