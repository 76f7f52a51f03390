/* sim/bochs/disk.h -- which file is the PC's hard disk; see disk.cc.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_BOCHS_DISK_H
#define SIM_BOCHS_DISK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the guest has written, for statistics: bytes held in memory (whole chunks of 4 KiB). */
uint64_t bxs_disk_changed(void);

#ifdef __cplusplus
}
#endif
#endif
