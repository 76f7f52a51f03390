/* faults.c -- page faults without work: n= first touches of fresh pages from ring 3, in rounds of
 * pages= (default 256, at most 512); the kernel maps each page in its fault handler, and after a
 * round it takes them all away again. The benchmark guest for "how fast is a fault".
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define PAGES_MAX    512
#define VECTOR_FAULT 14
#define VECTOR_UNMAP 0x32

void fault_entry(void);
uint64_t touch_rounds(uint64_t touches);

uint64_t fault_count, fault_pages, *fault_table, fault_wanted[PAGES_MAX];

/* Stack at entry: error code, rip, cs, rflags, rsp, ss. A fault outside of the pages goes on to
 * the runtime, with the stack as it was. */
__asm__(".text\n"
        ".balign 16\n"
        "fault_entry:\n"
        "    push %rax\n"
        "    push %rcx\n"
        "    push %rdx\n"
        "    mov %cr2, %rax\n"
        "    sub $0x40000000, %rax\n"
        "    shr $12, %rax\n"
        "    cmp fault_pages, %rax\n"
        "    jae 1f\n"
        "    mov fault_wanted(,%rax,8), %rcx\n"
        "    mov fault_table, %rdx\n"
        "    mov %rcx, (%rdx,%rax,8)\n"
        "    incq fault_count\n"
        "    pop %rdx\n"
        "    pop %rcx\n"
        "    pop %rax\n"
        "    add $8, %rsp\n"
        "    iretq\n"
        "1:  pop %rdx\n"
        "    pop %rcx\n"
        "    pop %rax\n"
        "    jmp rt_entries + 14 * 16\n");
_Static_assert(RT_USER == 0x40000000 && VECTOR_FAULT == 14, "numbers in the assembler text");

static void unmap_all(struct rt_frame *f)
{
    (void)f;
    for (uint64_t i = 0; i < fault_pages; i++)
        fault_table[i] = 0;
    rt_set_cr3(rt_cr3());
}

/* Ring 3. Writes to each page what number of touch it is; a page comes back as it was left. */
uint64_t touch_rounds(uint64_t touches)
{
    uint64_t wrong = 0, page = 0;

    for (uint64_t i = 0; i < touches; i++) {
        volatile uint64_t *at = (volatile uint64_t *)(RT_USER + page * 4096);
        wrong += *at != (i < fault_pages ? 0 : i - fault_pages + 1);
        *at = i + 1;
        if (++page == fault_pages) {
            __asm__ volatile("int %0" ::"i"(VECTOR_UNMAP) : "memory");
            page = 0;
        }
    }
    return wrong;
}

static bool pages_prepare(void)
{
    for (uint64_t i = 0; i < fault_pages; i++) {
        uint64_t pa = rt_page();
        if (!pa)
            return false;
        fault_wanted[i] = pa | 7;
    }
    fault_table = rt_map_entry(rt_cr3(), RT_USER);
    return true;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 20000), wrong;

    fault_pages = rt_option("pages", 256);
    if (fault_pages == 0 || fault_pages > PAGES_MAX || !pages_prepare()) {
        rt_print("faults: pages= must be 1 to 512 and fit in memory\n");
        return 2;
    }
    rt_gate_set(VECTOR_FAULT, fault_entry);
    rt_trap_set(VECTOR_UNMAP, unmap_all);
    wrong = rt_user_run(touch_rounds, n, 0);
    rt_print("faults: %lu faults, %lu wrong contents\n", fault_count, wrong);
    return fault_count == n && wrong == 0 ? 0 : 1;
}
