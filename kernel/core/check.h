/* kernel/core/check.h -- the invariants of docs/kernel.md, checked over everything that lives.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_CHECK_H
#define KERNEL_CORE_CHECK_H

/* 0 = all hold; else the number of the first one broken (a message is printed). */
long check_all(void);
#endif
