/* sim/gdb/entry.c -- the registers of a thread that has just left user mode and that the kernel has
 * not saved yet: within the first instructions of its entry stubs.
 * They are asked of the past: the machine goes back to where the thread was in user mode, its
 * registers are read, and the machine comes back to where it stood. Exact, some milliseconds, and
 * only for this moment; what was found is kept as long as the machine stands there.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { LOOK_BACK = 256 /* instructions: more than the stubs are long */ };

static struct {
    uint64_t icount; /* when it was asked */
    int64_t tid;     /* 0 = nothing is kept */
    struct fk_debug_frame frame;
} kept;

static bool in_stub(void)
{
    static const char *const stubs[] = {"entry_syscall", "trap_stubs", "trap_common"};
    char name[128];

    if (sim_sym_name("kernel", sim_reg_get(SIM_REG_rip), name, sizeof name) != 0)
        return false;
    for (size_t i = 0; i < sizeof stubs / sizeof *stubs; i++)
        if (strncmp(name, stubs[i], strlen(stubs[i])) == 0)
            return true;
    return false;
}

static void read_frame(struct fk_debug_frame *f)
{
    static const enum sim_reg order[] = {
        SIM_REG_rax, SIM_REG_rbx, SIM_REG_rcx,    SIM_REG_rdx,     SIM_REG_rsi,
        SIM_REG_rdi, SIM_REG_rbp, SIM_REG_rsp,    SIM_REG_r8,      SIM_REG_r9,
        SIM_REG_r10, SIM_REG_r11, SIM_REG_r12,    SIM_REG_r13,     SIM_REG_r14,
        SIM_REG_r15, SIM_REG_rip, SIM_REG_eflags, SIM_REG_fs_base, SIM_REG_gs_base};
    uint64_t words[sizeof order / sizeof *order];

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        words[i] = sim_reg_get(order[i]);
    memcpy(f, words, sizeof *f);
}

/* Goes to where the thread was in user mode last, reads, and comes back. An interrupt delivered at
 * `home` is delivered again. */
static bool look_back(struct id id, uint64_t home, bool behind)
{
    struct trace_record left;
    bool there = past_find(id.tid, LOOK_BACK, &left) &&
                 !resume_goto(left.kind == TRACE_INTERRUPT ? left.icount : left.icount - 1);

    if (there)
        read_frame(&kept.frame);
    resume_goto(home);
    if (behind)
        resume_deliver();
    return there;
}

bool entry_frame(struct id id, struct fk_debug_frame *out)
{
    uint64_t home = sim_icount();
    bool behind = sim_interrupted();
    struct stop again;

    if (kept.tid == id.tid && kept.icount == home) {
        *out = kept.frame;
        return true;
    }
    if (!in_stub() || resume_ended(&again))
        return false;
    kept.tid = look_back(id, home, behind) ? id.tid : 0;
    kept.icount = home;
    *out = kept.frame;
    return kept.tid != 0;
}

void entry_forget(void)
{
    kept.tid = 0;
}
