/* kernel/core/kprintf.h -- messages of the kernel itself, and the check for its own bugs.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_KPRINTF_H
#define KERNEL_CORE_KPRINTF_H

/* %s text, %u unsigned, %x hexadecimal (both 64 bits wide). */
void kprintf(const char *format, ...);

#define KSTR2(x) #x
#define KSTR(x)  KSTR2(x)
#define kassert(cond)                                                                              \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0))                                                          \
            kernel_panic(__FILE__ ":" KSTR(__LINE__) ": " #cond, 0);                               \
    } while (0)
#endif
