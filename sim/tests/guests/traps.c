/* traps.c -- the crossings that are easy to lose or to count twice, each n= times: what= picks one
 * (the table at the end has the names). Every event that comes is asked for, so that exact.lua
 * knows how many there are. Manuals: Intel SDM 3A, chapters 6 and 17.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define PAGE      4096ull
#define VA        (RT_USER + 0x10000ull) /* two pages in a row, with nothing before and behind */
#define SECOND    (VA + PAGE)
#define LAPIC     0xfee00000
#define IOAPIC    0xfec00000
#define HPET      0xfed00000
#define FLAG_TF   0x100
#define FLAG_IF   0x200
#define MSR_STAR  0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084

enum { VECTOR_OUTER = 0x81, VECTOR_INNER = 0x82, IST_OUTER = 1, IST_INNER, IST_DOUBLE };
enum { DB = 1, DF = 8, NP = 11, PF = 14 };

extern uint8_t rt_idt[], rt_tss[];

static uint64_t wrong, faults, steps, first_page, second_page, resume_at;
static uint8_t ist_stack[4][RT_STACK] __attribute__((aligned(16)));

static void expect(const char *what, uint64_t got, uint64_t want)
{
    if (got == want)
        return;
    wrong++;
    rt_print("traps: %s: %lx, not %lx\n", what, got, want);
}

static void ist_set(unsigned vector, unsigned ist)
{
    uint64_t at = (uint64_t)ist_stack[ist] + RT_STACK;

    for (unsigned i = 0; i < 8; i++)
        rt_tss[36 + 8 * (ist - 1) + i] = (uint8_t)(at >> 8 * i);
    rt_idt[16 * vector + 4] = (uint8_t)ist;
}

static bool on_stack(const void *at, unsigned ist)
{
    return (uint64_t)at - (uint64_t)ist_stack[ist] < RT_STACK;
}

/* A page fault in the two pages brings the one that is missing. */
static void on_fault(struct rt_frame *f)
{
    uint64_t at = rt_cr2() & ~(PAGE - 1);

    faults++;
    if (at != VA && at != SECOND) {
        rt_print("traps: fault at %lx, address %lx\n", f->rip, rt_cr2());
        rt_exit(97);
    }
    rt_map(rt_cr3(), at, at == VA ? first_page : second_page);
}

static void pages_prepare(void)
{
    first_page = rt_page();
    second_page = rt_page();
    rt_trap_set(PF, on_fault);
    *rt_map_entry(rt_cr3(), VA) = 0;
}

static void pages_away(uint64_t from)
{
    for (uint64_t va = from; va <= SECOND; va += PAGE) {
        *rt_map_entry(rt_cr3(), va) = 0;
        rt_invlpg(va);
    }
}

/* ---- int n on stacks of its own, one in the other ---- */

static void on_inner(struct rt_frame *f)
{
    expect("inner stack", on_stack(f, IST_INNER), true);
    expect("inner: from the outer stack", on_stack((void *)f->rsp, IST_OUTER), true);
    steps++;
}

static void on_outer(struct rt_frame *f)
{
    expect("outer stack", on_stack(f, IST_OUTER), true);
    __asm__ volatile("int $0x82");
}

static uint64_t int_outer(uint64_t n)
{
    for (; n; n--)
        __asm__ volatile("int $0x81" ::: "memory");
    return 0;
}

static void ist(uint64_t n)
{
    rt_trap_set(VECTOR_OUTER, on_outer);
    rt_trap_set(VECTOR_INNER, on_inner);
    ist_set(VECTOR_OUTER, IST_OUTER);
    ist_set(VECTOR_INNER, IST_INNER);
    int_outer(n);
    rt_user_run(int_outer, n, 0);
    expect("inner calls", steps, 2 * n);
}

/* ---- a fault in the handler of a fault ---- */

static void on_fault_twice(struct rt_frame *f)
{
    if (rt_cr2() >= SECOND) {
        on_fault(f);
        return;
    }
    *(volatile uint64_t *)SECOND = 5; /* while the first is still missing */
    faults++;
    rt_map(rt_cr3(), VA, first_page);
}

static void nested(uint64_t n)
{
    rt_trap_set(PF, on_fault_twice);
    for (uint64_t i = 0; i < n; i++) {
        pages_away(VA);
        *(volatile uint64_t *)VA = i;
    }
    expect("faults", faults, 2 * n);
}

/* ---- a fault whose handler is not present: a double fault, from which the way back is known ----
 */

static void on_double(struct rt_frame *f)
{
    expect("double fault: its stack", on_stack(f, IST_DOUBLE), true);
    expect("double fault: error code", f->error, 0);
    steps++;
    f->rip = resume_at;
}

static void doubled(uint64_t n)
{
    uint8_t *type = &rt_idt[16 * PF + 5];

    rt_trap_set(DF, on_double);
    ist_set(DF, IST_DOUBLE);
    pages_away(VA);
    *type &= 0x7f;
    for (uint64_t i = 0; i < n; i++)
        __asm__ volatile("lea 1f(%%rip), %%rax\n"
                         "mov %%rax, %0\n"
                         "mov (%1), %%rax\n"
                         "1:"
                         : "=m"(resume_at)
                         : "r"(VA)
                         : "rax", "memory");
    *type |= 0x80;
    expect("double faults", steps, n);
}

/* ---- string instructions over the end of a page into one that is missing ---- */

static void copied(uint64_t n)
{
    static uint8_t from[300];

    for (uint64_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 7);
    for (uint64_t i = 0; i < n; i++) {
        uint8_t *to = (uint8_t *)SECOND - 100;
        uint64_t left = sizeof from;
        void *at = to, *source = from;
        pages_away(SECOND);
        __asm__ volatile("rep movsb" : "+D"(at), "+S"(source), "+c"(left)::"memory");
        expect("copied: left", left, 0);
        for (uint64_t k = 0; k < sizeof from; k++)
            if (to[k] != from[k])
                expect("copied", to[k], from[k]);
    }
    expect("faults", faults, n + 1); /* the first page comes once */
}

static void strings(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t *odd = (uint64_t *)(SECOND - 4 - 80); /* one of its elements lies across */
        uint64_t left = 20, value;
        void *at = odd, *other = odd;
        pages_away(SECOND);
        __asm__ volatile("rep stosq" : "+D"(at), "+c"(left) : "a"(i) : "memory");
        expect("stored", (uint64_t)at, (uint64_t)(odd + 20));
        left = 20, at = odd, pages_away(SECOND);
        __asm__ volatile("repe scasq" : "+D"(at), "+c"(left) : "a"(i) : "cc");
        expect("all are alike", left, 0);
        left = 20, at = odd, pages_away(SECOND);
        __asm__ volatile("repe cmpsq" : "+D"(at), "+S"(other), "+c"(left)::"cc", "memory");
        expect("alike to themselves", left, 0);
        other = odd + 10, pages_away(SECOND);
        __asm__ volatile("lodsq" : "=a"(value), "+S"(other)::"memory");
        expect("loaded", value, i);
    }
    expect("faults", faults, 4 * n + 1);
}

/* ---- devices in memory: no crossing at all ---- */

static void devices(uint64_t n)
{
    volatile uint32_t *lapic = rt_window(LAPIC), *ioapic = rt_window(IOAPIC);
    volatile uint32_t *hpet = rt_window(HPET);

    for (uint64_t i = 0; i < n; i++) {
        lapic[0x80 / 4] = (uint32_t)i << 4 & 0xf0;
        expect("APIC: task priority", lapic[0x80 / 4], i << 4 & 0xf0);
        expect("APIC: version", (lapic[0x30 / 4] & 0xff) >= 0x10, true);
        ioapic[0] = 0x10 + 2 * (i % 20);
        ioapic[4] = 0x10000 | (uint32_t)(i & 0x7f);
        expect("I/O APIC: entry", ioapic[4], 0x10000 | (i & 0x7f));
        expect("HPET: the same twice", hpet[0], hpet[0]);
    }
    lapic[0x80 / 4] = 0;
}

/* ---- single steps ---- */

static void on_step(struct rt_frame *f)
{
    (void)f;
    steps++;
}

/* n rounds of two instructions, and five around them: two before, ret, and what leaves ring 3. */
uint64_t step_loop(uint64_t n);
void step_syscall(void), step_entry(void);
__asm__(".text\n"
        "step_loop:\n"
        "    mov %rdi, %rcx\n"
        "    xor %eax, %eax\n"
        "1:  inc %rax\n"
        "    loop 1b\n"
        "    ret\n"
        "step_syscall:\n" /* rdi = how often */
        "1:  syscall\n"
        "    dec %rdi\n"
        "    jnz 1b\n"
        "    ret\n"
        "step_entry:\n" /* r11 and rcx are what sysret wants */
        "    sysretq\n");

static void stepped(uint64_t n)
{
    uint64_t rounds;

    rt_trap_set(DB, on_step);
    rounds = rt_user_run(step_loop, n, FLAG_TF);
    expect("rounds", rounds, n);
    expect("steps", steps, 2 * n + 4); /* the int at the end is not stepped over: it has left */
}

/* The system call itself is not stepped into: its flags are masked. */
static void stepped_syscall(uint64_t n)
{
    rt_wrmsr(MSR_STAR, (uint64_t)RT_USER_CODE32 << 48 | (uint64_t)RT_CODE64 << 32);
    rt_wrmsr(MSR_LSTAR, (uint64_t)step_entry);
    rt_wrmsr(MSR_FMASK, FLAG_TF | FLAG_IF);
    rt_trap_set(DB, on_step);
    rt_user_run((uint64_t(*)(uint64_t))step_syscall, n, FLAG_TF);
    expect("steps", steps, 3 * n + 2);
}

/* ---- breakpoints of the CPU ---- */

static uint64_t watched[2];

static void debug_set(uint64_t at, uint64_t control)
{
    __asm__ volatile("mov %0, %%dr0; mov %1, %%dr7" ::"r"(at), "r"(control));
}

static void on_code(struct rt_frame *f)
{
    steps++;
    f->rflags |= 1 << 16; /* RF: not again at once */
}

static uint64_t __attribute__((noinline)) hit(uint64_t v)
{
    __asm__ volatile("" : "+r"(v));
    return v + 1;
}

static void breakpoints(uint64_t n)
{
    uint64_t v = 0;

    rt_trap_set(DB, on_step);
    debug_set((uint64_t)&watched[0], 0x400 | 0x90002); /* a write of 8 bytes (LEN 10), global */
    for (uint64_t i = 0; i < n; i++) {
        *(volatile uint64_t *)&watched[0] = i;
        *(volatile uint64_t *)&watched[1] = i;
    }
    expect("writes", steps, n);
    rt_trap_set(DB, on_code);
    debug_set((uint64_t)hit, 0x400 | 2);
    for (uint64_t i = 0; i < n; i++)
        v = hit(v);
    debug_set(0, 0x400);
    v = hit(v);
    expect("calls", steps, 2 * n);
    expect("counted", v, n + 1);
}

/* ---- a locked instruction over the end of a page into one that is missing ---- */

static void locked(uint64_t n)
{
    volatile uint64_t *across = (volatile uint64_t *)(SECOND - 3);
    uint64_t had = 0;

    *across = 0;
    for (uint64_t i = 0; i < n; i++) {
        pages_away(SECOND);
        __asm__ volatile("lock incq %0" : "+m"(*across)::"cc");
        __asm__ volatile("lock xaddq %0, %1" : "+r"(had), "+m"(*across)::"cc");
        expect("had", had, i + 1);
        had = 0;
    }
    expect("faults", faults, n + 2);
}

/* ---- code that lies across two pages, the second of which changes ---- */

static void code_across(uint64_t n)
{
    uint8_t *code = (uint8_t *)SECOND - 2; /* mov $imm32, %eax; ret */
    static const uint8_t text[] = {0xb8, 0, 0, 0, 0, 0xc3};

    for (unsigned i = 0; i < sizeof text; i++)
        ((volatile uint8_t *)code)[i] = text[i];
    for (uint64_t i = 0; i < n; i++) {
        uint64_t got;
        code[3] = (uint8_t)i;
        __asm__ volatile("call *%1" : "=a"(got) : "r"(code) : "memory");
        expect("the new code", got, (i & 0xff) << 16);
    }
    expect("faults", faults, 2);
}

/* ---- far returns, which cross when the privilege changes ---- */

static void on_back(struct rt_frame *f)
{
    steps++;
    f->rip = resume_at;
    f->rsp = f->rbx;
    f->cs = RT_CODE64;
    f->ss = RT_DATA;
}

static void far_return(uint64_t n)
{
    rt_trap_set(VECTOR_OUTER, on_back);
    ist_set(VECTOR_OUTER, IST_OUTER);
    for (uint64_t i = 0; i < n; i++)
        __asm__ volatile("lea 2f(%%rip), %%rax\n"
                         "mov %%rax, %0\n"
                         "mov %%rsp, %%rbx\n"
                         "push $0x2b\n"
                         "push %%rbx\n"
                         "push $0x33\n"
                         "lea 1f(%%rip), %%rax\n"
                         "push %%rax\n"
                         "lretq\n"
                         "1: int $0x81\n"
                         "2:\n"
                         : "=m"(resume_at)::"rax", "rbx", "memory");
    expect("far returns to ring 3", steps, n);
}

static void far_return_same(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        __asm__ volatile("mov %%rsp, %%rdx\n"
                         "push $0x10\n"
                         "lea 1f(%%rip), %%rax\n"
                         "push %%rax\n"
                         "lretq\n"
                         "1:\n" ::
                             : "rax", "rdx", "memory");
}
_Static_assert(RT_CODE64 == 0x10 && RT_USER_CODE64 == 0x33 && RT_USER_DATA == 0x2b &&
                   VECTOR_OUTER == 0x81 && VECTOR_INNER == 0x82,
               "numbers in the assembler text");

static const struct {
    const char *name;
    void (*run)(uint64_t n);
} kinds[] = {
    {"ist", ist},
    {"nested", nested},
    {"double", doubled},
    {"movs", copied},
    {"strings", strings},
    {"devices", devices},
    {"step", stepped},
    {"step-syscall", stepped_syscall},
    {"breakpoints", breakpoints},
    {"locked", locked},
    {"code", code_across},
    {"far-return", far_return},
    {"far-return-same", far_return_same},
};

int guest_main(void)
{
    uint64_t n = rt_option("n", 100), what = rt_option("what", 0);

    if (what >= sizeof kinds / sizeof kinds[0])
        return 2;
    pages_prepare();
    kinds[what].run(n);
    rt_print("traps: %s, %lu wrong\n", kinds[what].name, wrong);
    return wrong == 0 ? 0 : 1;
}
