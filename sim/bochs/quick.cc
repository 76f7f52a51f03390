/* sim/bochs/quick.cc -- questions that Bochs answers slowly and often, answered quickly instead.
 * Each function stands in front of one of Bochs's (wrap.syms) and gives an answer from which a
 * guest sees the same: time is won, no behaviour changed.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

template struct opened<3, &BX_MEM_C::memory_handlers>;
template struct opened<4, &BX_MEMORY_STUB_C::blocks>;
template struct opened<5, &BX_MEMORY_STUB_C::block_size>;

#define FIRST_MIB 0x100000 /* below: ROMs, video memory, shadow RAM */

enum { DR7_ENABLED = 0xff }; /* local and global enable bits of the four breakpoints */

/* Where an aligned quadword of plain memory is, with no device in its MiB; NULL when it is anything
 * else, or not in host memory now. */
static const Bit8u *plain_quad(bx_phy_address at)
{
    BX_MEM_C *m = BX_MEM(0);
    if (at < FIRST_MIB || at >= m->get_memory_len() || (at & 7) ||
        (m->*door(door_of<3>()))[at >> 20])
        return NULL;
    Bit32u size = m->*door(door_of<5>()); /* a power of two */
    const Bit8u *block = (m->*door(door_of<4>()))[at >> __builtin_ctz(size)];
    bool absent = (uintptr_t)block + 1 <= 1; /* NULL: never touched; -1: swapped out */
    return absent ? NULL : block + (at & (size - 1));
}

extern "C" {
bool __wrap__ZN8BX_CPU_C18hwbreakpoint_checkEmjj(bx_address laddr, unsigned opa, unsigned opb);
void __wrap__ZN12logfunctions6ldebugEPKcz(logfunctions *who, const char *format, ...);
void __wrap__ZN8BX_MEM_C16readPhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                          unsigned n, void *to);

/* Every step of a page walk reads a quadword by way of the whole memory map. */
void __wrap__ZN8BX_MEM_C16readPhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                          unsigned n, void *to)
{
    const Bit8u *from = n == 8 ? plain_quad(A20ADDR(at)) : NULL;
    if (from)
        memcpy(to, from, 8);
    else
        BX_MEM_C::readPhysicalPage(cpu, at, n, to);
}

/* May a debug register hit in this page? Asked whenever fetching or the TLB comes to another page,
 * so at each system call. Bochs goes through all four registers, disabled ones too, and asks again
 * in detail at the access; with none enabled that always comes to nothing, and a write to DR7
 * flushes the TLB. */
bool __wrap__ZN8BX_CPU_C18hwbreakpoint_checkEmjj(bx_address laddr, unsigned opa, unsigned opb)
{
    if (!(BX_CPU(0)->dr7.get32() & DR7_ENABLED))
        return false;
    return BX_CPU_C::hwbreakpoint_check(laddr, opa, opb);
}

/* Debug messages are never shown (pcconf.c); Bochs would find that out in several steps. */
void __wrap__ZN12logfunctions6ldebugEPKcz(logfunctions *who, const char *format, ...)
{
    (void)who;
    (void)format;
}
}
