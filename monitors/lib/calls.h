/* monitors/lib/calls.h -- numbers of the kernel calls that assembler code makes; thread.c checks
 * them against the kernel's list. SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_CALLS_H
#define MONITORS_LIB_CALLS_H
#define CALL_thread_handlers    0x029
#define CALL_thread_enable      0x02a
#define CALL_thread_saved_state 0x02c
#define CALL_thread_resume      0x02d
#endif
