/* rt/layout.h -- numbers that the runtime's C and assembler share.
 *
 * Address space of a guest:  0 .. 1 GiB         physical = virtual, 2 MiB pages, ring 3 may use it
 *                            USER .. + 1 GiB    empty; rt_map() puts 4 KiB pages there
 *                            WINDOW .. + 4 GiB  physical memory and devices, kernel only
 * SPDX-License-Identifier: MIT */
#ifndef RT_LAYOUT_H
#define RT_LAYOUT_H

#define RT_USER   0x40000000
#define RT_WINDOW 0xffff800000000000

/* Selectors, in the order that syscall/sysret and sysenter/sysexit want. */
#define RT_CODE32      0x08 /* kernel, for the way to long mode */
#define RT_CODE64      0x10
#define RT_DATA        0x18
#define RT_USER_CODE32 0x23
#define RT_USER_DATA   0x2b
#define RT_USER_CODE64 0x33
#define RT_TASK        0x40 /* two entries; 0x38 is the stack of a 64-bit sysexit */

#define RT_VECTOR_RETURN 0x31 /* ring 3 gives the CPU back */
#define RT_STACK         16384

#endif
