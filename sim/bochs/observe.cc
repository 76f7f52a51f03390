/* sim/bochs/observe.cc -- while the machine is observed, a handler in front of every instruction.
 *
 * An instruction's class is worked out once for each of Bochs's opcodes, from mnemonic and operands
 * in its list. What is counted is how far icount has moved when the next one begins, so elements of
 * strings count and the sum is exact whatever happens in between. Counts are kept in
 * sim/core/observe.c. Invariant: the handler changes neither time nor any result.
 * SPDX-License-Identifier: MIT */
#define NEED_CPU_REG_SHORTCUTS 1
#include "sim/bochs/engine.h"
#include "sim/core/cross.h"
#include "sim/mem.h"
#include "sim/observe.h"

#define CPU BX_CPU(0)

bool observing;

static const struct {
    const char *name, *first, *operands, *isa;
} opcodes[] = {
#define bx_define_opcode(a, b, c, d, e, f, s1, s2, s3, s4, g) {b, #s1, #s1 #s2 #s3, #f},
#include "cpu/decoder/ia_opcodes.def"
};
#undef bx_define_opcode

enum { CLASSIFIED = 1, MEMORY = 2, STACK = 4, FLUSHES = 8, EMPTIES = 16 };
struct kind {
    Bit8u flags;
    Bit8u in_registers, in_memory; /* class, by where the operand is */
};
static struct kind kinds[BX_IA_LAST];

/* The instruction that runs, and which memory it will have asked for if it completes. */
static struct {
    bool open;
    unsigned cls;
    Bit64u last; /* icount up to which all is counted */
    gva rip;
    unsigned places, size; /* size: of a string's element, else 0 */
    gva place[2];
    bool downwards;
} now;

/* ---- classes ---- */

template <size_t N> static bool any(const char *name, const char *const (&list)[N])
{
    for (const char *s : list)
        if (strcmp(name, s) == 0)
            return true;
    return false;
}

static bool begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static bool is_vector(const char *isa)
{
    static const char *const units[] = {"X87", "MMX",    "3DNOW", "SSE",  "AVX", "FMA",
                                        "AES", "PCLMUL", "SHA",   "F16C", "GFNI"};
    for (const char *s : units)
        if (strstr(isa, s))
            return true;
    return false;
}

static bool is_system(const char *name, const char *operands)
{
    static const char *const names[] = {
        "syscall", "sysret",  "sysenter", "sysexit", "int",    "int1",   "int3",     "into",
        "iret",    "hlt",     "in",       "out",     "insb",   "insw",   "insd",     "insl",
        "outsb",   "outsw",   "outsd",    "outsl",   "rdmsr",  "wrmsr",  "cli",      "sti",
        "clts",    "lgdt",    "lidt",     "lldt",    "ltr",    "sgdt",   "sidt",     "sldt",
        "str",     "smsw",    "lmsw",     "invlpg",  "invd",   "wbinvd", "swapgs",   "cpuid",
        "rdtsc",   "rdtscp",  "rdpmc",    "lcall",   "ljmp",   "lret",   "call far", "jmp far",
        "retf",    "monitor", "mwait",    "invpcid", "xsetbv", "xgetbv", "rsm",      "clac",
        "stac"};
    return any(name, names) || strstr(operands, "OP_C") || strstr(operands, "OP_D") ||
           strstr(operands, "OP_Ap") || begins(name, "vm") || begins(name, "iret") ||
           begins(name, "sysret") || begins(name, "sysexit");
}

static bool in_memory(const char *operand)
{
    return operand[0] == 'O' && strchr("EMWQO", operand[3]) != NULL;
}

/* Of what works on one operand in memory: does it read it, write it, or both? */
static unsigned by_memory(const char *name, const char *first)
{
    static const char *const readers[] = {"cmp", "test", "bt", "pop"};
    if (!in_memory(first) || any(name, readers))
        return SIM_CLASS_load;
    return begins(name, "mov") || begins(name, "set") ? SIM_CLASS_store : SIM_CLASS_modify;
}

static bool touches_nothing(const char *name)
{
    static const char *const names[] = {"lea", "nop", "invlpg", "clflush", "bndmk", "bndcl"};
    return any(name, names) || begins(name, "prefetch") || strstr(name, "gather") ||
           strstr(name, "scatter");
}

static struct kind plain(Bit8u both, unsigned flags)
{
    return {(Bit8u)(CLASSIFIED | flags), both, both};
}

static struct kind classify(unsigned op)
{
    const char *name = opcodes[op].name, *operands = opcodes[op].operands;
    static const char *const emptying[] = {"invd", "wbinvd"};
    bool memory = false;
    for (const char *s = operands; (s = strstr(s, "OP_")); s += 3)
        memory |= in_memory(s);
    unsigned flags = memory && !touches_nothing(name) ? MEMORY : 0;
    if (begins(name, "clflush"))
        return plain(SIM_CLASS_system, FLUSHES);
    if (any(name, emptying))
        return plain(SIM_CLASS_system, EMPTIES);
    if (is_system(name, operands))
        return plain(SIM_CLASS_system, flags);
    if (probe_is_string(op))
        return plain(SIM_CLASS_string, 0);
    if (is_vector(opcodes[op].isa))
        return plain(SIM_CLASS_vector, flags);
    if (begins(name, "div") || begins(name, "idiv"))
        return plain(SIM_CLASS_div, flags);
    if (begins(name, "mul") || begins(name, "imul"))
        return plain(SIM_CLASS_mul, flags);
    if (begins(name, "j") || begins(name, "loop"))
        return plain(SIM_CLASS_branch, flags);
    if (begins(name, "call") || begins(name, "ret"))
        return plain(SIM_CLASS_call, flags | STACK);
    if (begins(name, "push") || strcmp(name, "enter") == 0)
        return plain(SIM_CLASS_store, flags | STACK);
    if (begins(name, "pop") && strcmp(name, "popcnt") != 0)
        return plain(SIM_CLASS_load, flags | STACK);
    if (strcmp(name, "leave") == 0)
        return plain(SIM_CLASS_load, 0);
    if (!(flags & MEMORY))
        return plain(SIM_CLASS_alu, 0);
    return {(Bit8u)(CLASSIFIED | MEMORY), SIM_CLASS_alu, (Bit8u)by_memory(name, opcodes[op].first)};
}

static const struct kind *kind_of(const bxInstruction_c *i)
{
    unsigned op = i->getIaOpcode();
    if (!kinds[op].flags)
        kinds[op] = classify(op);
    return &kinds[op];
}

/* ---- counting ---- */

static unsigned pcid(void)
{
    return CPU->cr4.get_PCIDE() ? CPU->cr3 & 0xfff : 0;
}

struct page {
    bool known, global;
    gpa pa; /* of the byte asked for */
};

/* What was just used is in the CPU's own TLB, or the page it has no more. */
template <unsigned N> static struct page page_of(const TLB<N> &tlb, gva at)
{
    const bx_TLB_entry *e = const_cast<TLB<N> &>(tlb).get_entry_of(at);
    struct sim_walk w;
    if (e->valid() && LPFOf(e->lpf) == LPFOf(at))
        return {true, (e->accessBits & TLB_GlobalPage) != 0, PPFOf(e->ppf) | (at & 4095)};
    if (sim_walk(SIM_CR3_NOW, at, &w) != 0)
        return {false, false, 0};
    bool global = CPU->cr4.get_PGE() && w.levels && (w.entry[w.levels - 1] & 0x100);
    return {true, global, w.pa};
}

static bool is_ram(gpa pa)
{
    return pa < BX_MEM(0)->get_memory_len() && (pa < 0xa0000 || pa >= 0x100000);
}

static void ask(gva at, const struct page &p, bool code)
{
    if (!p.known)
        return;
    up_translated(at, pcid(), p.global, code);
    if (up_wants_lines(code) && is_ram(p.pa))
        up_cached(p.pa, code);
}

static void ask_data(gva at)
{
    ask(at, page_of(CPU->DTLB, at), false);
}

static void ask_for_elements(Bit64u n)
{
    Bit64u step = now.downwards ? -(Bit64u)now.size : now.size;
    for (; n; n--)
        for (unsigned p = 0; p < now.places; now.place[p++] += step)
            ask_data(now.place[p]);
}

/* A string has done n elements, anything else is done. */
static void ask_for_memory(Bit64u n)
{
    if (now.size)
        ask_for_elements(n);
    else
        for (unsigned p = 0; p < now.places; p++)
            ask_data(now.place[p]);
    now.places = 0;
}

static void settle(void)
{
    Bit64u n = CPU->icount - now.last;
    if (CPU->icount < now.last || n == 0)
        return;
    if (!now.open)
        up_begins();
    ask_for_memory(n);
    up_executed(now.open ? now.cls : SIM_CLASS_none, n);
    now.last = CPU->icount;
    now.open = false;
}

static void begin(unsigned cls)
{
    settle();
    up_begins();
    now.open = true;
    now.cls = cls;
    now.places = now.size = 0;
    now.last = CPU->icount;
    now.rip = CPU->prev_rip;
}

static gva operand(const bxInstruction_c *i)
{
    bxInstruction_c *same = const_cast<bxInstruction_c *>(i); /* only read */
    return i->as64L() ? CPU->BxResolve64(same) : CPU->BxResolve32(same);
}

static void fetch(void)
{
    gva at = CPU->get_laddr(BX_SEG_REG_CS, CPU->prev_rip);
    ask(at, page_of(CPU->ITLB, at), true);
}

static void operands(const bxInstruction_c *i, const struct kind *k)
{
    if ((k->flags & MEMORY) && !i->modC0())
        now.place[now.places++] = CPU->get_laddr(i->seg(), operand(i));
    if (k->flags & STACK) {
        bool down = k->in_memory == SIM_CLASS_store ||
                    (k->in_memory == SIM_CLASS_call && opcodes[i->getIaOpcode()].name[0] == 'c');
        now.place[now.places++] = CPU->get_laddr(BX_SEG_REG_SS, RSP - (down ? 8 : 0));
    }
}

/* What empties caches, before it is done; that it may be refused is taken into the bargain. */
static void flush(const bxInstruction_c *i, const struct kind *k)
{
    struct page p;
    if (k->flags & EMPTIES)
        up_forget_lines();
    else if ((p = page_of(CPU->DTLB, CPU->get_laddr(i->seg(), operand(i)))).known)
        up_forget_line(p.pa);
}

static unsigned element(const char *name)
{
    switch (name[strlen(name) - 1]) {
    case 'b':
        return 1;
    case 'w':
        return 2;
    case 'q':
        return 8;
    default:
        return 4;
    }
}

/* Which of its two addresses it uses: movs and cmps both, stos and scas the target, lods the other.
 */
static void string_begins(const bxInstruction_c *i)
{
    const char *name = opcodes[i->getIaOpcode()].name;
    const char *word = begins(name, "rep ") ? name + 4 : name;
    gva source = CPU->get_laddr(i->seg(), RSI & i->asize_mask());
    gva target = CPU->get_laddr(BX_SEG_REG_ES, RDI & i->asize_mask());
    now.size = element(word);
    now.downwards = CPU->get_DF();
    if (i->repUsedL() && (RCX & i->asize_mask()) == 0)
        return;
    if (word[0] != 's')
        now.place[now.places++] = source;
    if (word[0] != 'l')
        now.place[now.places++] = target;
}

static void handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);
static void handler(bxInstruction_c *i)
{
    const struct kind *k = kind_of(i);
    begin(i->modC0() ? k->in_registers : k->in_memory);
    fetch();
    if (now.cls == SIM_CLASS_string)
        string_begins(i);
    else
        operands(i, k);
    if (k->flags & (FLUSHES | EMPTIES))
        flush(i, k);
    probe_plain(i)(i);
}

BxExecutePtr_tR observe_handler(void)
{
    return handler;
}

/* Before the crossing is noted. An exception of the instruction that runs is its own; at another
 * icount nothing runs. */
void observe_exception(void)
{
    bool own = now.open && (CPU->icount == now.last || (now.size && now.rip == CPU->prev_rip));
    if (!own)
        begin(SIM_CLASS_none);
    else if (now.size)
        ask_for_memory(CPU->icount - now.last);
    now.places = 0;
}

void observe_tlb(unsigned what, Bit64u value)
{
    switch (what) {
    case BX_INSTR_INVLPG:
        up_forget_page(value);
        return;
    case BX_INSTR_MOV_CR3:
        if (CPU->cr4.get_PCIDE()) {
            if (!(value >> 63))
                up_forget_pcid(pcid());
        } else {
            up_forget_space();
        }
        return;
    default:
        up_forget_all();
    }
}

void observe_restored(void)
{
    now.open = false;
    now.places = 0;
    now.last = CPU->icount;
}

extern "C" void bxs_observe(bool on)
{
    if (on && !observing)
        observe_restored();
    observing = on;
}

extern "C" void bxs_observe_settle(void)
{
    if (observing)
        settle();
}
