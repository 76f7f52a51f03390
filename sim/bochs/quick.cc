/* sim/bochs/quick.cc -- questions that Bochs answers slowly and often, answered quickly instead.
 * Each function stands in front of one of Bochs's (wrap.syms) and gives an answer from which a
 * guest sees the same: time is won, no behaviour changed. Compiled with QUICK=0 every question goes
 * to Bochs: the test program flatfish-slow, which must run any guest to the same digest.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

template struct opened<3, &BX_MEM_C::memory_handlers>;
template struct opened<4, &BX_MEMORY_STUB_C::blocks>;
template struct opened<5, &BX_MEMORY_STUB_C::block_size>;
template struct opened<6, &BX_MEMORY_STUB_C::len>;

#ifndef QUICK
#define QUICK 1
#endif

#define FIRST_MIB 0x100000 /* below: ROMs, video memory, shadow RAM */

enum { DR7_ENABLED = 0xff }; /* local and global enable bits of the four breakpoints */

/* Where a byte of plain memory is, with no device in its MiB; NULL when it is anything else, or not
 * in host memory now. A watched page's neighbours are plain. */
static inline Bit8u *plain(bx_phy_address at)
{
    BX_MEM_C *m = BX_MEM(0);
    if (!QUICK || at < FIRST_MIB || at >= m->*door(door_of<6>()))
        return NULL;
    const memory_handler_struct *handlers = (m->*door(door_of<3>()))[at >> 20];
    if (handlers && !watch_lets_past(handlers, at))
        return NULL;
    Bit32u size = m->*door(door_of<5>()); /* a power of two */
    Bit8u *block = (m->*door(door_of<4>()))[at >> __builtin_ctz(size)];
    bool absent = (uintptr_t)block + 1 <= 1; /* NULL: never touched; -1: swapped out */
    return absent ? NULL : block + (at & (size - 1));
}

static inline Bit8u *plain_quad(bx_phy_address at, unsigned n)
{
    return n == 8 && !(at & 7) ? plain(at) : NULL;
}

/* May a write wake the CPU up? */
static inline bool monitored(void)
{
    return BX_CPU(0)->monitor.armed();
}

extern "C" {
bool __wrap__ZN8BX_CPU_C18hwbreakpoint_checkEmjj(bx_address laddr, unsigned opa, unsigned opb);
void __wrap__ZN12logfunctions6ldebugEPKcz(logfunctions *who, const char *format, ...);
void __wrap__ZN8BX_MEM_C16readPhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                          unsigned n, void *to);
void __wrap__ZN8BX_MEM_C17writePhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                           unsigned n, void *from);
Bit8u *__wrap__ZN8BX_MEM_C14getHostMemAddrEP8BX_CPU_Cmj(BX_CPU_C *cpu, bx_phy_address at,
                                                        unsigned rw);

/* Every step of a page walk reads a quadword by way of the whole memory map, */
void __wrap__ZN8BX_MEM_C16readPhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                          unsigned n, void *to)
{
    const Bit8u *from = plain_quad(A20ADDR(at), n);
    if (!from)
        return BX_MEM_C::readPhysicalPage(cpu, at, n, to);
    memcpy(to, from, 8);
}

/* marks an entry as used or written, */
void __wrap__ZN8BX_MEM_C17writePhysicalPageEP8BX_CPU_CmjPv(BX_CPU_C *cpu, bx_phy_address at,
                                                           unsigned n, void *from)
{
    Bit8u *to = monitored() ? NULL : plain_quad(A20ADDR(at), n);
    if (!to)
        return BX_MEM_C::writePhysicalPage(cpu, at, n, from);
    pageWriteStampTable.decWriteStamp(A20ADDR(at), 8);
    memcpy(to, from, 8);
}

/* and at its end asks where the page is. */
Bit8u *__wrap__ZN8BX_MEM_C14getHostMemAddrEP8BX_CPU_Cmj(BX_CPU_C *cpu, bx_phy_address at,
                                                        unsigned rw)
{
    Bit8u *found = (rw & 1) && monitored() ? NULL : plain(A20ADDR(at));
    return found ? found : BX_MEM_C::getHostMemAddr(cpu, at, rw);
}

/* May a debug register hit in this page? Asked whenever fetching or the TLB comes to another page,
 * so at each system call. Bochs goes through all four registers, disabled ones too, and asks again
 * in detail at the access; with none enabled that always comes to nothing, and a write to DR7
 * flushes the TLB. */
bool __wrap__ZN8BX_CPU_C18hwbreakpoint_checkEmjj(bx_address laddr, unsigned opa, unsigned opb)
{
    if (QUICK && !(BX_CPU(0)->dr7.get32() & DR7_ENABLED))
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
