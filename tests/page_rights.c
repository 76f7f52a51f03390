/* Property: on every CPU model the kernel boots, switches on of NX, SMEP and SMAP what the model
 * has, and never maps a page that it could both write and execute, nor its own code writable
 * anywhere; and after hostile programs its code and constants are what they were. The page tables
 * are read through the simulator when the guest's test of rights (t_rights), and a short fuzz, end.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/machine.h"
#include "sim/mem.h"
#include "sim/regs.h"
#include "sim/sym.h"
#include "sim/tests/check.h"

#define P       1ull
#define W       2ull
#define U       4ull
#define LARGE   128ull
#define NX      (1ull << 63)
#define PA(e)   ((e)&0x000ffffffffff000ull)
#define LINEAR  0xffffffff80000000ull /* the image: physical 0 is seen there */
#define IMAGE   (1 << 20)             /* at most */
#define CR4(n)  (sim_reg_get(SIM_REG_cr4) >> (n)&1)
#define EFER(n) (sim_reg_get(SIM_REG_efer) >> (n)&1)

/* What Intel and AMD say of these models. */
static const struct model {
    const char *name;
    bool nx, smep, smap;
} models[] = {
    {NULL, true, true, true}, /* broadwell_ult */
    {"p4_prescott_celeron_336", true, false, false},
    {"athlon64_clawhammer", true, false, false},
    {"corei7_sandy_bridge_2600k", true, false, false},
    {"corei7_ivy_bridge_3770k", true, true, false},
    {"corei7_haswell_4770", true, true, false},
    {"ryzen", true, true, true},
};
static const struct model *model;
static gpa code, code_end; /* code and constants */
static uint64_t pages, executable, writable;

/* One page that can be reached: its rights are those that all levels give. */
static void judge(uint64_t entry, uint64_t rights, uint64_t size)
{
    gpa at = PA(entry) & ~(size - 1);
    bool user = rights & U, write = rights & W, execute = !(rights & NX);
    bool of_kernel = at < code_end && at + size > code;
    pages++;
    if (!user || !model->smep) { /* with SMEP it executes none of the user's */
        executable += !user && execute;
        writable += !user && write;
        CHECK(!(write && execute) || user);
    }
    CHECK(!of_kernel || (!write && !user));
}

/* `rights`: W and U where all entries so far have them, NX where one has it. */
static void walk(gpa table, unsigned level, uint64_t rights)
{
    uint64_t entries[512];
    if (sim_phys_read(table, entries, sizeof entries) != sizeof entries)
        CHECK(!"a page table that is no memory");
    for (unsigned i = 0; i < 512; i++) {
        uint64_t e = entries[i], now = (rights & e & (W | U)) | ((rights | e) & NX);
        if (!(e & P))
            continue;
        if (level == 0 || (level < 3 && e & LARGE))
            judge(e, now, 4096ull << 9 * level);
        else
            walk(PA(e), level - 1, now);
    }
}

static int boot(const char *append)
{
    const struct sim_config c = {.kernel = "kernel/fk.elf",
                                 .initrd = "kernel/tests/initrd.tar",
                                 .append = append,
                                 .mem_mib = 32,
                                 .cpu = model->name,
                                 .data_dir = "."};
    gva from = 0, to = 0;
    if (sim_create(&c) < 0 || sim_sym_add_file("kernel", c.kernel) < 0 ||
        sim_sym_address("kernel:image_start", &from) < 0 ||
        sim_sym_address("kernel:rodata_end", &to) < 0)
        return -1;
    code = from - LINEAR;
    code_end = to - LINEAR;
    return to > from && to - from <= IMAGE ? 0 : sim_fail("no kernel image");
}

static void run(const char *append)
{
    static uint8_t before[IMAGE], after[IMAGE];
    if (boot(append) < 0) {
        fprintf(stderr, "%s: %s\n", model->name ? model->name : "default", sim_error());
        CHECK(!"the machine boots");
        return;
    }
    size_t size = code_end - code;
    CHECK(sim_phys_read(code, before, size) == size);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT && sim_exit_code() == 0);
    CHECK(sim_phys_read(code, after, size) == size && memcmp(before, after, size) == 0);
    CHECK(CR4(20) == model->smep);
    CHECK(CR4(21) == model->smap);
    CHECK(EFER(11) == model->nx);
    CHECK(sim_reg_get(SIM_REG_cr0) >> 16 & 1); /* WP: what is read-only is so for the kernel */
    walk(PA(sim_reg_get(SIM_REG_cr3)), 3, W | U);
    CHECK(pages > 100 && executable > 2 && writable > 2);
}

/* A process makes one machine. */
static void in_child(const char *append)
{
    int status = -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        check_failed = 0;
        run(append);
        fflush(NULL);
        _exit(check_failed != 0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    if (status)
        fprintf(stderr, "page_rights: CPU model %s, %s\n", model->name ? model->name : "default",
                append);
}

int main(void)
{
    for (unsigned i = 0; i < sizeof models / sizeof *models; i++) {
        model = &models[i];
        in_child("root=t_rights.elf");
    }
    model = &models[0];
    in_child("root=t_fuzz.elf calls=20 seed=7");
    return check_report("page_rights");
}
