/* sim/bochs/quick.cc -- questions that Bochs answers slowly and often, answered quickly instead.
 * Each function stands in front of one of Bochs's (wrap.syms) and gives an answer from which a
 * guest sees the same: time is won, no behaviour changed.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

enum { DR7_ENABLED = 0xff }; /* local and global enable bits of the four breakpoints */

extern "C" {
bool __wrap__ZN8BX_CPU_C18hwbreakpoint_checkEmjj(bx_address laddr, unsigned opa, unsigned opb);
void __wrap__ZN12logfunctions6ldebugEPKcz(logfunctions *who, const char *format, ...);

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
