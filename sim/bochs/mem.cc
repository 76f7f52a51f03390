/* sim/bochs/mem.cc -- guest memory as the host sees it.
 * Only plain RAM and ROM are given out, never a device's memory, so looking has no effects.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

extern "C" uint64_t bxs_ram_bytes(void)
{
    return BX_MEM(0)->get_memory_len();
}

extern "C" uint8_t *bxs_ram(gpa at, size_t n)
{
    if (n == 0 || n > 4096 || (at & 4095) + n > 4096)
        return NULL;
    bool rom = (at >= 0xc0000 && at < 0x100000) || (at >= 0xffc00000 && at <= 0xffffffff);
    if (at >= BX_MEM(0)->get_memory_len() && !rom)
        return NULL;
    return BX_MEM(0)->getHostMemAddr(NULL, at, BX_EXECUTE);
}

extern "C" void bxs_ram_written(gpa at, size_t n)
{
    extern bxPageWriteStampTable pageWriteStampTable;
    pageWriteStampTable.decWriteStamp(at, (unsigned)n);
    watch_look_again();
}
