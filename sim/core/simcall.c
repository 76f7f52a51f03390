/* sim/core/simcall.c -- what the guest's magic NOPs do (abi/simcall).
 * All arguments are a guest's: lengths are bounded, addresses read through checked walks. Every
 * understood call answers nonzero.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "abi/simcall/simcall.h"
#include "sim/core/event.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/mem.h"
#include "sim/regs.h"

#define PRINT_MAX 4096
#define LABEL_MAX 63

static uint64_t print(gva text, uint64_t n)
{
    uint8_t buf[PRINT_MAX];
    size_t got = sim_virt_read(SIM_CR3_NOW, text, buf, n < PRINT_MAX ? n : PRINT_MAX);
    machine_console(buf, got);
    return got + 1;
}

/* The label ends at a NUL, at unreadable memory, or at 63 bytes. */
static unsigned label_at(gva at)
{
    char text[LABEL_MAX + 1];
    size_t got = 0;
    while (got < LABEL_MAX && sim_virt_read(SIM_CR3_NOW, at + got, text + got, 1) == 1 && text[got])
        got++;
    text[got] = 0;
    return event_label(text);
}

static uint64_t mark(gva label, uint64_t a, uint64_t b, uint64_t at)
{
    unsigned id = label_at(label);
    event_note(TRACE_MARK, at, id, a);
    event_note(TRACE_MARK2, at, id, b);
    return 1;
}

uint64_t up_simcall(unsigned number)
{
    uint64_t a = sim_reg_get(SIM_REG_rdi), b = sim_reg_get(SIM_REG_rsi);
    uint64_t at = bxs_icount() + 1, rip = sim_reg_get(SIM_REG_rip);
    event_alive(at);
    switch (number) {
    case SIMCALL_PRESENT:
        return SIMCALL_VERSION;
    case SIMCALL_BEGIN:
        event_note(TRACE_BEGIN, at, (uint32_t)a, rip);
        return 1;
    case SIMCALL_END:
        event_note(TRACE_END, at, (uint32_t)a, rip);
        return 1;
    case SIMCALL_MARK:
        return mark(a, b, sim_reg_get(SIM_REG_rdx), at);
    case SIMCALL_PRINT:
        return print(a, b);
    case SIMCALL_EXIT:
        event_note(TRACE_EXIT, at, (uint32_t)a & 255, rip);
        machine_exit((int)(a & 255));
        return 1;
    case SIMCALL_SNAPSHOT:
        machine_snapshot_wanted();
        return 1;
    case SIMCALL_DEBUG_BLOCK:
        /* What spaces there are is a kernel's to say, not any program's. */
        return sim_cpl() == 0 && (debugblock_announce(a) == 0 || a == 0) ? 1 : 0;
    default:
        return 0;
    }
}
