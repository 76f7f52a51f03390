/* sim/bochs/watch.cc -- data watchpoints: every access, while any watch is set.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

extern "C" void bxs_access(Bit64u lin, unsigned len, unsigned rw)
{
    unsigned how = rw == BX_READ ? 1 : rw == BX_WRITE ? 2 : 3;
    up_access(lin, len, how);
    engine_look(); /* a hit is told at the end of the instruction */
}
