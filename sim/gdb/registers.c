/* sim/gdb/registers.c -- the registers of the CPU, and of threads that do not have it.
 *
 * A thread that is in user mode on the CPU has the CPU's. Any other's are where the kernel saved
 * them: the general ones in the frame that the debug block points at, the extended state in
 * `struct thread`, found by the kernel's own DWARF, unless the CPU still holds it
 * (`arch_fpu_holds`: it is switched when somebody needs it). What cannot be known is said to be
 * unavailable rather than made up. GDB knows no segments: its rip is the linear address, so that
 * breakpoints, disassembly and steps agree in 16-bit code, too.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/gdb/target.h"
#include "sim/mem.h"
#include "sim/object.h"
#include "sim/regs.h"
#include "sim/sym.h"

enum kind { WORD, ST, XMM, YMMH };

static const struct gdb_register {
    const char *name, *type, *group, *feature;
    uint8_t bytes, kind, index;
    int16_t reg; /* enum sim_reg of a WORD */
} table[] = {
#define FEATURE(name) {.feature = name},
#define REGISTER(name, bits, type, group, kind, index)                                             \
    {#name, type, group, NULL, (bits) / 8, kind, index, REG_##kind(name)},
#define REG_WORD(name) SIM_REG_##name
#define REG_ST(name)   -1
#define REG_XMM(name)  -1
#define REG_YMMH(name) -1
#include "sim/gdb/registers.def"
#undef REGISTER
#undef FEATURE
};

enum { ROWS = sizeof table / sizeof *table, FRAME_WORDS = 20, RSP = 7, RIP = 16, EFLAGS = 17 };

/* The n-th register; features are rows, too. */
static const struct gdb_register *row(unsigned n)
{
    static const struct gdb_register *found[ROWS];
    unsigned count = 0;

    for (unsigned i = 0; !found[0] && i < ROWS; i++)
        if (table[i].name)
            found[1 + count++] = &table[i];
    found[0] = table;
    return n < ROWS - 1 ? found[n + 1] : NULL;
}

unsigned register_count(void)
{
    unsigned n = 0;

    while (row(n))
        n++;
    return n;
}

unsigned register_bytes(unsigned n)
{
    return row(n) ? row(n)->bytes : 0;
}

int register_find(const char *name)
{
    for (unsigned n = 0; row(n); n++)
        if (strcmp(row(n)->name, name) == 0)
            return (int)n;
    return -1;
}

/* ---- the description ---- */

static const char types_core[] =
    "<flags id=\"eflags\" size=\"4\">"
    "<field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/>"
    "<field name=\"PF\" start=\"2\" end=\"2\"/><field name=\"AF\" start=\"4\" end=\"4\"/>"
    "<field name=\"ZF\" start=\"6\" end=\"6\"/><field name=\"SF\" start=\"7\" end=\"7\"/>"
    "<field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" start=\"9\" end=\"9\"/>"
    "<field name=\"DF\" start=\"10\" end=\"10\"/><field name=\"OF\" start=\"11\" end=\"11\"/>"
    "<field name=\"NT\" start=\"14\" end=\"14\"/><field name=\"RF\" start=\"16\" end=\"16\"/>"
    "<field name=\"VM\" start=\"17\" end=\"17\"/><field name=\"AC\" start=\"18\" end=\"18\"/>"
    "</flags>";
static const char types_sse[] =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
    "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/><vector id=\"v8i16\" type=\"int16\" "
    "count=\"8\"/>"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/><vector id=\"v2i64\" type=\"int64\" "
    "count=\"2\"/>"
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
    "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
    "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>";

static void register_row_xml(struct text *to, const struct gdb_register *r, unsigned n)
{
    text_printf(to, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"", r->name,
                r->bytes * 8u, r->type, n);
    if (r->group)
        text_printf(to, " group=\"%s\"", r->group);
    text_puts(to, "/>");
}

void register_xml(struct text *to)
{
    bool open = false;
    unsigned n = 0;

    for (unsigned i = 0; i < ROWS; i++) {
        if (table[i].name) {
            register_row_xml(to, &table[i], n++);
            continue;
        }
        text_printf(to, "%s<feature name=\"%s\">", open ? "</feature>" : "", table[i].feature);
        if (strstr(table[i].feature, ".core"))
            text_puts(to, types_core);
        if (strstr(table[i].feature, ".sse"))
            text_puts(to, types_sse);
        open = true;
    }
    text_puts(to, "</feature>");
}

/* ---- on the CPU ---- */

/* What has to be added to rip for a linear address: outside 64-bit code, the segment's base. */
static gva code_base(void)
{
    return sim_mode() == SIM_MODE_LONG ? 0 : sim_reg_get(SIM_REG_cs_base);
}

gva target_pc(void)
{
    gva pc = code_base() + sim_reg_get(SIM_REG_rip);

    return sim_mode() == SIM_MODE_LONG ? pc : pc & UINT32_MAX;
}

static bool cpu_get(const struct gdb_register *r, uint8_t *value)
{
    struct sim_vec v;
    uint64_t word;

    switch (r->kind) {
    case ST:
        return sim_st_get(r->index, value) == 0;
    case XMM:
    case YMMH:
        if (sim_vec_get(r->index, &v) != 0)
            return false;
        memcpy(value, v.b + (r->kind == XMM ? 0 : 16), 16);
        return true;
    }
    word = r->reg == SIM_REG_rip ? target_pc() : sim_reg_get((enum sim_reg)r->reg);
    memcpy(value, &word, r->bytes);
    return true;
}

static bool cpu_set(const struct gdb_register *r, const uint8_t *value)
{
    struct sim_vec v;
    uint64_t word = 0;

    switch (r->kind) {
    case ST:
        return sim_st_set(r->index, value) == 0;
    case XMM:
    case YMMH:
        if (sim_vec_get(r->index, &v) != 0)
            return false;
        memcpy(v.b + (r->kind == XMM ? 0 : 16), value, 16);
        return sim_vec_set(r->index, &v) == 0;
    }
    memcpy(&word, value, r->bytes);
    if (r->reg == SIM_REG_rip)
        word -= code_base();
    return sim_reg_set((enum sim_reg)r->reg, word) == 0;
}

/* ---- saved: the frame ---- */

/* Place of a register in struct fk_debug_frame; -1 = it is not in there. GDB's first 18 registers
 * come in the frame's order. */
static int frame_word(const struct gdb_register *r)
{
    if (r->kind != WORD)
        return -1;
    for (unsigned n = 0; n <= EFLAGS; n++)
        if (row(n) == r)
            return (int)n;
    return r->reg == SIM_REG_fs_base ? 18 : r->reg == SIM_REG_gs_base ? 19 : -1;
}

static bool saved_thread(struct id id, struct fk_debug_thread *t)
{
    union sim_object o;

    if (!target_alive(id) || !sim_object_find(FK_DEBUG_THREAD, (uint32_t)id.tid, &o) ||
        !o.thread.frame)
        return false;
    *t = o.thread;
    return true;
}

/* ---- saved: the extended state, as XSAVE lays it out (SDM 1, 13.4) ---- */

enum { FCW = 0, FSW = 2, FTW = 4, FOP = 6, FIP = 8, FDP = 16, MXCSR = 24, STS = 32, XMMS = 160 };
enum { XSTATE_BV = 512, YMMHS = 576, OSXSAVE = 1 << 18 };

/* Where this thread's area is; 0 = not known. */
static gva area_of(const struct fk_debug_thread *t)
{
    uint64_t frame, area;

    if (sim_sym_member("kernel", "thread", "frame", &frame) != 0 ||
        sim_sym_member("kernel", "thread", "xstate", &area) != 0)
        return 0;
    return t->frame - frame + area;
}

static bool cpu_holds(gva area)
{
    gva at, holds = 0;

    return sim_sym_address("kernel:arch_fpu_holds", &at) == 0 &&
           sim_virt_read(SIM_CR3_NOW, at, &holds, 8) == 8 && holds == area;
}

static int area_offset(const struct gdb_register *r)
{
    switch (r->kind) {
    case ST:
        return STS + 16 * r->index;
    case XMM:
        return XMMS + 16 * r->index;
    case YMMH:
        return YMMHS + 16 * r->index;
    }
    switch (r->reg) {
    case SIM_REG_fctrl:
        return FCW;
    case SIM_REG_fstat:
        return FSW;
    case SIM_REG_fop:
        return FOP;
    case SIM_REG_fioff:
        return FIP;
    case SIM_REG_fooff:
        return FDP;
    case SIM_REG_mxcsr:
        return MXCSR;
    case SIM_REG_ftag:
        return FTW;
    }
    return -1;
}

/* The bit of XSTATE_BV that says whether the CPU wrote this part at all. */
static unsigned area_part(const struct gdb_register *r)
{
    return r->kind == YMMH ? 4 : r->kind == XMM || r->reg == SIM_REG_mxcsr ? 2 : 1;
}

static uint64_t parts_written(gva area)
{
    uint64_t bits = 3;

    if (sim_reg_get(SIM_REG_cr4) & OSXSAVE)
        sim_virt_read(SIM_CR3_NOW, area + XSTATE_BV, &bits, 8);
    return bits;
}

/* A byte with a bit for each register in use, as FSAVE's two bits each: 0 in use, 3 empty. */
static uint16_t full_tag(uint8_t used)
{
    uint16_t tag = 0;

    for (unsigned i = 0; i < 8; i++)
        tag = (uint16_t)(tag | (used >> i & 1 ? 0 : 3) << 2 * i);
    return tag;
}

static unsigned area_bytes(const struct gdb_register *r)
{
    if (r->kind != WORD || r->reg == SIM_REG_mxcsr || r->reg == SIM_REG_fioff ||
        r->reg == SIM_REG_fooff)
        return r->bytes;
    return r->reg == SIM_REG_ftag ? 1 : 2;
}

static bool area_get(gva area, const struct gdb_register *r, uint8_t *value)
{
    int offset = area_offset(r);
    uint16_t word = r->reg == SIM_REG_fctrl ? 0x37f : 0;

    memset(value, 0, r->bytes);
    if (offset < 0 || !area)
        return false;
    if (cpu_holds(area))
        return cpu_get(r, value);
    if (!(parts_written(area) & area_part(r)) && r->reg != SIM_REG_mxcsr) {
        memcpy(value, &word, r->bytes < 2 ? r->bytes : 2);
        if (r->reg == SIM_REG_ftag)
            memset(value, 0xff, 2);
        return true;
    }
    if (sim_virt_read(SIM_CR3_NOW, area + (unsigned)offset, value, area_bytes(r)) != area_bytes(r))
        return false;
    if (r->reg == SIM_REG_ftag) {
        word = full_tag(value[0]);
        memcpy(value, &word, 2);
    }
    return true;
}

static const char *area_set(gva area, const struct gdb_register *r, const uint8_t *value)
{
    int offset = area_offset(r);
    uint64_t bits;

    if (offset < 0 || !area || r->reg == SIM_REG_ftag)
        return "this register of a thread that is not on the CPU cannot be written";
    if (cpu_holds(area))
        return cpu_set(r, value) ? NULL : "the CPU does not take this value";
    bits = parts_written(area) | area_part(r);
    if (sim_virt_write(SIM_CR3_NOW, area + (unsigned)offset, value, area_bytes(r)) != area_bytes(r))
        return "the thread's saved state cannot be written";
    if (sim_reg_get(SIM_REG_cr4) & OSXSAVE)
        sim_virt_write(SIM_CR3_NOW, area + XSTATE_BV, &bits, 8);
    return NULL;
}

/* ---- saved: what is the machine's ---- */

static bool is_system(const struct gdb_register *r)
{
    return r->group && strcmp(r->group, "system") == 0;
}

/* A thread without the CPU has a page table of its own; what else the system registers say is the
 * same for all. But cr2, dr6 and kernel_gs_base are only the CPU's, of this moment. */
static bool system_get(struct id id, const struct gdb_register *r, uint8_t *value)
{
    uint64_t cr3 = target_cr3(id.pid);

    switch (r->reg) {
    case SIM_REG_cr3:
        memcpy(value, &cr3, sizeof cr3);
        return cr3 != SIM_CR3_NOW;
    case SIM_REG_cr0:
    case SIM_REG_cr4:
    case SIM_REG_cr8:
    case SIM_REG_efer:
    case SIM_REG_dr7:
        return cpu_get(r, value);
    }
    return false;
}

/* The kernel saves these two when another thread gets the CPU (arch_frame: whose they are now). */
static bool bases_on_cpu(const struct fk_debug_thread *t, const struct gdb_register *r)
{
    uint64_t frame = 0;
    gva at;

    return (r->reg == SIM_REG_fs_base || r->reg == SIM_REG_gs_base) &&
           sim_sym_address("kernel:arch_frame", &at) == 0 &&
           sim_virt_read(SIM_CR3_NOW, at, &frame, 8) == 8 && frame == t->frame;
}

/* ---- both ---- */

static bool is_entering(struct id id, struct fk_debug_frame *frame)
{
    struct id now = target_current();

    return now.tid == id.tid && now.pid == id.pid && entry_frame(id, frame);
}

bool register_get(struct id id, unsigned n, uint8_t *value)
{
    const struct gdb_register *r = row(n);
    struct fk_debug_frame frame;
    struct fk_debug_thread t;
    uint64_t word;
    int at;

    if (!r)
        return false;
    if (target_on_cpu(id))
        return cpu_get(r, value);
    if (!saved_thread(id, &t))
        return false;
    if (is_system(r))
        return system_get(id, r, value);
    if (bases_on_cpu(&t, r))
        return cpu_get(r, value);
    if ((at = frame_word(r)) < 0)
        return area_get(area_of(&t), r, value);
    if (is_entering(id, &frame))
        memcpy(&word, (const uint64_t *)&frame + at, 8);
    else if (sim_virt_read(SIM_CR3_NOW, t.frame + 8u * (unsigned)at, &word, 8) != 8)
        return false;
    memcpy(value, &word, r->bytes);
    return true;
}

const char *register_set(struct id id, unsigned n, const uint8_t *value)
{
    const struct gdb_register *r = row(n);
    struct fk_debug_frame frame;
    struct fk_debug_thread t;
    uint64_t word = 0;
    bool on_cpu;
    int at;

    if (!r)
        return "there is no such register";
    resume_diverge();
    if (target_on_cpu(id))
        return cpu_set(r, value) ? NULL : sim_error();
    if (!saved_thread(id, &t))
        return "this thread's registers are not known now";
    if (is_system(r))
        return "a thread that is not on the CPU has no system registers of its own to write";
    on_cpu = bases_on_cpu(&t, r);
    if (on_cpu && !cpu_set(r, value))
        return sim_error();
    if ((at = frame_word(r)) < 0)
        return area_set(area_of(&t), r, value);
    if ((at == RIP || at == RSP) && t.state == FK_DEBUG_T_WAITING)
        return "the thread waits in a kernel call: its place and stack cannot be changed before it "
               "is back";
    if (!on_cpu && is_entering(id, &frame))
        return "the kernel is just saving this register: step the CPU on a little";
    memcpy(&word, value, r->bytes);
    if (sim_virt_write(SIM_CR3_NOW, t.frame + 8u * (unsigned)at, &word, 8) != 8)
        return "the thread's saved registers cannot be written";
    return NULL;
}
