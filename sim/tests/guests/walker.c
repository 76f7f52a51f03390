/* walker.c -- changes page tables under the feet of the CPU's page walks, in every way that the
 * manual promises something about (SDM 3A, chapter 4), and counts what comes out wrong.
 * odd=1 adds what it promises nothing about: stale translations, tables in devices and where no
 * memory is, code inside a page table. That is folded into a checksum, for comparing two builds.
 * Prints how many page faults it took; every one is asked for.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define PAGE    4096ull
#define LARGE   0x200000ull
#define GIB     0x40000000ull
#define FRAME   0xffffffffff000ull
#define VA      (RT_USER + 0x200000ull) /* its directory and table are made for this */
#define SELF    510                     /* slot of the top table that maps the tables themselves */
#define NO_EXEC (1ull << 63)

enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
enum { CR0_WP = 1 << 16, CR4_PGE = 1 << 7, CR4_SMEP = 1 << 20, CR4_SMAP = 1 << 21 };
enum { NONE = 0xffff }; /* no fault */

extern uint64_t rt_pml4[512];

static uint64_t faults, wrong, sum = 1469598103934665603;
static volatile uint64_t fault_error, fault_at;
static uint64_t one, other, *top, *pdpt, *directory, *entry;
uint64_t walker_resume, walker_rsp;

static void fold(uint64_t v)
{
    sum = (sum ^ v) * 1099511628211;
}

static void expect(const char *what, uint64_t got, uint64_t want)
{
    if (got == want)
        return;
    wrong++;
    rt_print("walker: %s: %lx, not %lx\n", what, got, want);
}

static void on_fault(struct rt_frame *f)
{
    faults++;
    fault_error = f->error;
    fault_at = rt_cr2();
    if (!walker_resume) {
        rt_print("walker: fault at %lx, address %lx\n", f->rip, fault_at);
        rt_exit(97);
    }
    f->rip = walker_resume;
    f->rsp = walker_rsp;
}

/* Each does one access and gives what was read, or 0; a fault is noted in fault_error. */
uint64_t try_read(uint64_t va), try_write(uint64_t va), try_call(uint64_t va);
__asm__(".text\n"
        ".macro guarded name, what:vararg\n"
        "\\name:\n"
        "    lea 1f(%rip), %rax\n"
        "    mov %rax, walker_resume\n"
        "    mov %rsp, walker_rsp\n"
        "    xor %eax, %eax\n"
        "    \\what\n"
        "1:  movq $0, walker_resume\n"
        "    ret\n"
        ".endm\n"
        "guarded try_read, mov (%rdi), %rax\n"
        "guarded try_write, mov %rdi, (%rdi)\n"
        "guarded try_call, call *%rdi\n");

static uint64_t outcome(uint64_t (*access)(uint64_t), uint64_t va)
{
    fault_error = NONE;
    access(va);
    if (fault_error != NONE && (fault_at ^ va) & ~(PAGE - 1))
        return 0xbad;
    return fault_error;
}

/* A reserved bit: the manual has P set then; QEMU 7.2 leaves it out. */
static uint64_t reserved(uint64_t va)
{
    return outcome(try_read, va) | P;
}

/* The same in ring 3. */
static uint64_t user_outcome(uint64_t (*access)(uint64_t), uint64_t va)
{
    fault_error = NONE;
    rt_user_run(access, va, 0);
    return fault_error;
}

static uint64_t cr0(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr0, %0" : "=r"(v));
    return v;
}

static void cr0_set(uint64_t v)
{
    __asm__ volatile("mov %0, %%cr0" ::"r"(v) : "memory");
}

static uint64_t cr4(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr4, %0" : "=r"(v));
    return v;
}

static void cr4_set(uint64_t v)
{
    __asm__ volatile("mov %0, %%cr4" ::"r"(v) : "memory");
}

static void reload(void)
{
    rt_set_cr3(rt_cr3());
}

static uint64_t *table(uint64_t in)
{
    return rt_window(in & FRAME);
}

/* What maps the table that these entries, seen in the window, are in. */
static uint64_t table_of(const uint64_t *entries)
{
    return (((uint64_t)entries - RT_WINDOW) & FRAME) | P | W | U;
}

static void table_copy(uint64_t to, const uint64_t *from)
{
    for (unsigned i = 0; i < PAGE / 8; i++)
        table(to)[i] = from[i];
}

/* Every page of ours says in its first word which one it is. */
static uint64_t page_named(uint64_t name)
{
    uint64_t pa = rt_page();

    *(uint64_t *)rt_window(pa) = name;
    return pa;
}

static void prepare(void)
{
    one = page_named('1');
    other = page_named('2');
    entry = rt_map_entry(rt_cr3(), VA);
    top = rt_pml4;
    pdpt = table(top[0]);
    directory = table(pdpt[VA >> 30 & 511]);
}

static void remapped(void)
{
    *entry = one | P | W | U;
    expect("mapped, never before", try_read(VA), '1');
    *entry = other | P | W | U;
    rt_invlpg(VA);
    expect("remapped, invlpg", try_read(VA), '2');
    *entry = one | P | W | U;
    reload();
    expect("remapped, CR3", try_read(VA), '1');
    *entry = 0;
    rt_invlpg(VA);
    expect("unmapped", outcome(try_read, VA), 0);
    expect("unmapped, a write", outcome(try_write, VA), W);
    *entry = one | P | W | U;
    expect("mapped where nothing was: no flush is needed", outcome(try_read, VA), NONE);
}

static void upper_levels(void)
{
    uint64_t second = rt_page(), third = rt_page(), fourth = rt_page();
    uint64_t *old_directory = directory;

    table_copy(second, table(directory[VA >> 21 & 511]));
    table(second)[VA >> 12 & 511] = other | P | W | U;
    directory[VA >> 21 & 511] = second | P | W | U;
    rt_invlpg(VA);
    expect("another table", try_read(VA), '2');
    table_copy(third, old_directory);
    table(third)[VA >> 21 & 511] = table_of(entry);
    pdpt[VA >> 30 & 511] = third | P | W | U;
    reload();
    expect("another directory", try_read(VA), '1');
    table_copy(fourth, pdpt);
    table(fourth)[VA >> 30 & 511] = table_of(old_directory);
    top[0] = fourth | P | W | U;
    reload();
    expect("another directory of directories", try_read(VA), '2');
    top[0] = table_of(pdpt);
    pdpt[VA >> 30 & 511] = table_of(old_directory);
    directory[VA >> 21 & 511] = table_of(entry);
    reload();
    expect("all as it was", try_read(VA), '1');
}

static void global(void)
{
    cr4_set(cr4() | CR4_PGE);
    *entry = one | P | W | U | G;
    rt_invlpg(VA);
    try_read(VA);
    *entry = other | P | W | U | G;
    reload(); /* may leave it */
    fold(try_read(VA));
    rt_invlpg(VA);
    expect("global, invlpg", try_read(VA), '2');
    *entry = one | P | W | U | G;
    cr4_set(cr4() & ~(uint64_t)CR4_PGE);
    expect("global, PGE off", try_read(VA), '1');
    *entry = other | P | W | U | G;
    reload();
    expect("global while PGE is off, CR3", try_read(VA), '2');
}

/* A whole directory entry's worth of memory at once; and the entry's reserved bits. */
static void large(void)
{
    uint64_t *at = &directory[VA >> 21 & 511], kept = *at, frame = one & ~(LARGE - 1);

    *at = frame | P | W | U | PS;
    rt_invlpg(VA);
    expect("2 MiB", try_read(VA + (one - frame)), '1');
    expect("2 MiB, used", *at & (A | D), A);
    expect("2 MiB, a write", outcome(try_write, VA + LARGE - 8), NONE);
    expect("2 MiB, written", *at & (A | D), A | D);
    *at = frame | 1 << 13 | P | W | U | PS;
    rt_invlpg(VA);
    expect("2 MiB, a reserved bit", reserved(VA), 8 | P);
    *at = kept;
    rt_invlpg(VA);
    expect("2 MiB, split again", outcome(try_read, VA), NONE);
}

static void huge(void)
{
    uint64_t *at = &pdpt[2], va = 2 * GIB;
    uint32_t id[4];

    rt_cpuid(0x80000001, id);
    if (!(id[3] & 1 << 26))
        return;
    *at = P | W | U | PS;
    expect("1 GiB", try_read(va + one), '1');
    expect("1 GiB, used", *at & (A | D), A);
    expect("1 GiB, a write", outcome(try_write, va + other), NONE);
    expect("1 GiB, written", *at & (A | D), A | D);
    *(uint64_t *)rt_window(other) = '2';
    *at = 1 << 13 | P | W | U | PS;
    rt_invlpg(va);
    expect("1 GiB, a reserved bit", reserved(va), 8 | P);
    *at = 0;
    rt_invlpg(va);
    expect("1 GiB, gone", outcome(try_read, va + one), 0);
}

static void used_and_written(void)
{
    uint64_t *const levels[] = {&top[0], &pdpt[VA >> 30 & 511], &directory[VA >> 21 & 511], entry};

    *entry = one | P | W | U;
    for (unsigned i = 0; i < 4; i++)
        *levels[i] &= ~(uint64_t)(A | D);
    reload();
    try_read(VA);
    for (unsigned i = 0; i < 4; i++)
        expect("used", *levels[i] & (A | D), A);
    try_write(VA + 8);
    expect("written", *entry & (A | D), A | D);
    expect("written: not above", *levels[2] & D, 0);
    *entry &= ~(uint64_t)(A | D | W);
    reload();
    expect("read only, ring 3", user_outcome(try_write, VA), P | W | U);
    expect("refused: not written", *entry & D, 0);
    *entry = 0;
    rt_invlpg(VA);
    outcome(try_read, VA);
    expect("not there: not used", *entry, 0);
}

static void rights(void)
{
    *entry = one | P;
    rt_invlpg(VA);
    expect("read only", outcome(try_write, VA), P | W);
    cr0_set(cr0() & ~(uint64_t)CR0_WP);
    expect("read only, WP off", outcome(try_write, VA + 8), NONE);
    expect("ring 3 where it may not", user_outcome(try_read, VA), P | U);
    expect("ring 3 writes", user_outcome(try_write, VA), P | W | U);
    cr0_set(cr0() | CR0_WP);
    expect("read only, WP on again", outcome(try_write, VA), P | W);
    *entry = one | P | U;
    rt_invlpg(VA);
    expect("ring 3 may read", user_outcome(try_read, VA), NONE);
    expect("ring 3 may not write", user_outcome(try_write, VA), P | W | U);
    directory[VA >> 21 & 511] &= ~(uint64_t)U;
    rt_invlpg(VA);
    expect("the level above may not", user_outcome(try_read, VA), P | U);
    directory[VA >> 21 & 511] |= U;
    rt_invlpg(VA);
    *entry |= W;
    directory[VA >> 21 & 511] &= ~(uint64_t)W;
    rt_invlpg(VA);
    expect("the level above is read only", outcome(try_write, VA + 8), P | W);
    directory[VA >> 21 & 511] |= W;
    rt_invlpg(VA);
    expect("and no more", outcome(try_write, VA + 8), NONE);
    *entry = one | 1ull << 51 | P | W | U;
    rt_invlpg(VA);
    expect("a reserved bit", reserved(VA), 8 | P);
}

static void no_exec(void)
{
    uint64_t code = page_named(0xc3); /* ret */

    *entry = code | P | W | U | NO_EXEC;
    rt_invlpg(VA);
    expect("no-execute, off: reserved", reserved(VA), 8 | P);
    rt_wrmsr(0xc0000080, rt_rdmsr(0xc0000080) | 1 << 11);
    reload();
    expect("no-execute: read", outcome(try_read, VA), NONE);
    expect("no-execute: called", outcome(try_call, VA), 16 | P);
    expect("no-execute: called, ring 3", user_outcome(try_call, VA), 16 | P | U);
    *entry &= ~NO_EXEC;
    rt_invlpg(VA);
    expect("executable", outcome(try_call, VA), NONE);
    directory[VA >> 21 & 511] |= NO_EXEC;
    rt_invlpg(VA);
    expect("no-execute above", outcome(try_call, VA), 16 | P);
    directory[VA >> 21 & 511] &= ~NO_EXEC;
    *entry = one | P | W | U;
    rt_invlpg(VA);
    *entry = code | P | W | U;
    rt_invlpg(VA);
    expect("executable again", outcome(try_call, VA), NONE);
    *entry = 0;
    rt_invlpg(VA);
    expect("called where nothing is", outcome(try_call, VA), 16);
    *entry = code | P | W | U;
}

/* Ring 0 must keep off the user's pages: its own, which ring 3 may use too, are made its own. */
static void smep_smap(void)
{
    uint32_t id[4];

    rt_cpuid(7, id);
    pdpt[0] &= ~(uint64_t)U;
    reload();
    if (id[1] & 1 << 7) {
        expect("SMEP off", outcome(try_call, VA), NONE);
        cr4_set(cr4() | CR4_SMEP);
        expect("SMEP on", outcome(try_call, VA), 16 | P);
        cr4_set(cr4() & ~(uint64_t)CR4_SMEP);
        expect("SMEP off again", outcome(try_call, VA), NONE);
    }
    if (id[1] & 1 << 20) {
        cr4_set(cr4() | CR4_SMAP);
        expect("SMAP on", outcome(try_read, VA), P);
        __asm__ volatile("stac");
        expect("SMAP, stac", outcome(try_read, VA), NONE);
        __asm__ volatile("clac");
        expect("SMAP, clac", outcome(try_write, VA), P | W);
        cr4_set(cr4() & ~(uint64_t)CR4_SMAP);
        expect("SMAP off", outcome(try_read, VA), NONE);
    }
    pdpt[0] |= U;
    reload();
}

/* The tables seen through themselves: by slot SELF of the top table. */
static void self_mapped(void)
{
    uint64_t base = 0xffff000000000000 | (uint64_t)SELF << 39;
    volatile uint64_t *seen = (uint64_t *)(base + (VA >> 9 & 0x7ffffffff8));
    uint64_t moved = rt_page();

    top[SELF] = rt_cr3() | P | W;
    *entry = one | P | W | U;
    rt_invlpg(VA);
    try_read(VA);
    expect("its own entry, seen", *seen, *entry);
    expect("used", *seen & A, A);
    *seen = other | P | W | U;
    rt_invlpg(VA);
    expect("remapped through itself", try_read(VA), '2');
    expect("used again", *seen & A, A);
    table_copy(moved, table(directory[VA >> 21 & 511]));
    ((volatile uint64_t *)(base | (uint64_t)SELF << 30 | (VA >> 18 & 0x3ffffff8)))[0] = moved | 7;
    rt_invlpg(VA);
    rt_invlpg((uint64_t)seen);
    *seen = one | P | W | U;
    rt_invlpg(VA);
    expect("remapped in the table that was moved", try_read(VA), '1');
    entry = &table(moved)[VA >> 12 & 511];
    expect("and seen there", *entry & FRAME, one);
    expect("used there", *entry & A, A);
    top[SELF] = 0;
    reload();
    expect("itself no more", outcome(try_read, (uint64_t)seen), 0);
}

/* An instruction whose constant is the entry of a page: a walk that marks it changes code. */
static void code_in_table(void)
{
    uint64_t *t = (uint64_t *)((uint64_t)entry & ~(PAGE - 1));
    uint64_t (*constant)(void) = (uint64_t(*)(void))((uint64_t)&t[40] + 6);

    t[40] = 0xb848000000000000; /* movabs $t[41], %rax */
    t[41] = one | P | W | U;
    t[42] = 0xc3; /* ret */
    for (unsigned i = 0; i < 3; i++)
        fold(constant());
    try_read((VA & ~(LARGE - 1)) + 41 * PAGE);
    expect("code: used", constant(), one | P | W | U | A);
    try_write((VA & ~(LARGE - 1)) + 41 * PAGE + 8);
    expect("code: written", constant(), one | P | W | U | A | D);
    t[40] = t[41] = t[42] = 0;
    reload();
}

static void stale(void)
{
    for (unsigned i = 0; i < 64; i++) {
        *entry = (i & 1 ? one : other) | P | W | U;
        fold(try_read(VA));
        fold(outcome(i & 4 ? try_write : try_read, VA + 16));
        if (i & 2)
            rt_invlpg(VA);
        if (i % 7 == 0)
            *entry = 0;
        fold(outcome(try_read, VA));
        fold(fault_at);
    }
    *entry = one | P | W | U;
    rt_invlpg(VA);
}

/* Tables where no table belongs: in the first MiB, in video memory, the APIC, the ROM, no memory.
 */
static void strange_tables(void)
{
    const uint64_t places[] = {
        0x0,        0x9f000,    0xa0000,         0xc0000,    0xf0000, 0xfee00000,
        0xfec00000, 0xfffff000, rt_memory_end(), 0xd0000000, one,     rt_memory_end() - PAGE};
    uint64_t *at = &directory[VA >> 21 & 511], kept = *at;

    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        *at = places[i] | P | W | U;
        for (unsigned slot = 0; slot < 512; slot += i == 5 ? 2 : 37) {
            rt_invlpg(VA + slot * PAGE);
            fold(outcome(try_read, (VA & ~(LARGE - 1)) + slot * PAGE));
            fold(fault_at);
        }
        fold(*at);
    }
    *at = kept;
    reload();
}

/* A line of a table is watched by monitor; a walk that writes into it ends the wait. */
static void monitored(void)
{
    uint32_t id[4];

    rt_cpuid(1, id);
    if (!(id[2] & 1 << 3))
        return;
    *entry = one | P | W | U;
    rt_invlpg(VA);
    __asm__ volatile("monitor" ::"a"(entry), "c"(0), "d"(0));
    fold(try_read(VA));
    __asm__ volatile("mwait" ::"a"(0), "c"(0));
    fold(*entry);
}

int guest_main(void)
{
    bool odd = rt_option("odd", 0) != 0;

    rt_trap_set(14, on_fault);
    prepare();
    remapped();
    upper_levels();
    global();
    large();
    huge();
    used_and_written();
    rights();
    no_exec();
    smep_smap();
    self_mapped();
    if (odd) {
        code_in_table();
        stale();
        strange_tables();
        monitored();
        rt_print("walker: checksum %lx\n", sum);
    }
    rt_print("walker: %lu faults, %lu wrong\n", faults, wrong);
    return wrong == 0 ? 0 : 1;
}
