/* sim/bochs/panic.cc -- Bochs's panics: what a guest does to a device is no reason to end the run.
 *
 * A device that is asked for what it does not know ignores it, as hardware does, and the log says
 * so. Where Bochs's code would go on into memory that is not the device's, the instruction is given
 * up instead, without an effect. Only what the CPU model itself cannot follow stops the machine.
 * Which message it is, is known by how Bochs's own text for it begins: the strings below are those
 * patterns, facts about Bochs that we recognise; what follows from each is ours.
 * Invariant: the same guest meets the same end; nothing here depends on the host.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include "sim/bochs/engine.h"

#define CPU BX_CPU(0)

enum verdict { PASS, GIVE_UP, STOP, TRIPLE };
static struct sigaction division_before;

enum { LINES = 10000 }; /* in the log, of one run */

/* By how Bochs's message begins. Not listed: a device's pass, the CPU's and the memory's stop. */
static const struct complaint {
    const char *begins;
    enum verdict verdict;
    const char *words; /* what the guest did, for STOP */
} complaints[] = {
    /* Would write or read beyond a buffer. */
    {"controller_enq(): controller_Q full", GIVE_UP, NULL},
    {"IO read(0x%04x): buffer_index", GIVE_UP, NULL},
    {"IO read(0x%04x): not enough", GIVE_UP, NULL},
    {"IO write(0x%04x): buffer_index", GIVE_UP, NULL},
    {"IO write(0x%04x): not enough", GIVE_UP, NULL},
    {"index > %d", GIVE_UP, NULL},
    {"Read with CDROM not ready", GIVE_UP, NULL},
    /* Would leave the answer as it lies in the host's memory. */
    {"APIC read at", GIVE_UP, NULL},
    {"Unsupported APIC read", GIVE_UP, NULL},
    {"I/O APIC read at", GIVE_UP, NULL},
    {"Unsupported I/O APIC read", GIVE_UP, NULL},
    {"Unaligned HPET read", GIVE_UP, NULL},
    {"Unsupported HPET read", GIVE_UP, NULL},
    /* The CPU: what it says and then does as hardware would. */
    {"PAE: asked to set dirty", PASS, NULL},
    {"Legacy Paging: asked to set dirty", PASS, NULL},
    {"RDMSR: missing", PASS, NULL},
    {"WRMSR: missing", PASS, NULL},
    {"SetCR0(): attempt to leave", PASS, NULL},
    {"VMCALL: not implemented", PASS, NULL},
    {"VMENTER: entry to SMM", PASS, NULL},
    {"VMENTER: unsupported event", PASS, NULL},
    {"GETSEC: ", PASS, NULL},
    {"SVM: SKINIT", PASS, NULL},
    {"IRET: TR not valid", PASS, NULL},
    {"get_RSP_from_TSS: TR.cache", PASS, NULL},
    {"get_SS_ESP_from_TSS: TR.cache", PASS, NULL},
    {"SMM restore: ", PASS, NULL},
    {"VM is set in long mode", PASS, NULL},
    /* Nobody intercepts it, if a guest of the guest's did it. */
    {"exception(): 3rd", TRIPLE, NULL},
    /* ... and where it cannot. */
    {"RSM: Incorrect state", STOP,
     "the guest left system management mode with a state that no CPU can be in: mend the state it "
     "saved"},
    {"get_SS_ESP_from_TSS: TR is bogus", STOP,
     "the guest took a trap to another privilege with no task state segment: load the task "
     "register first"},
};

static const struct complaint division = {
    "", STOP,
    "the guest gave a device numbers that it divides by zero with: program it as its manual says"};

static const struct complaint *find(const char *format)
{
    for (const struct complaint *c = complaints; c < *(&complaints + 1); c++) {
        if (strncmp(format, c->begins, strlen(c->begins)) == 0)
            return c;
    }
    return NULL;
}

/* Code where no memory is, or a device's: an open bus reads as ones, and those are no instruction.
 */
static const Bit8u *open_bus(void)
{
    static Bit8u ones[4096];
    memset(ones, 0xff, sizeof ones);
    return ones;
}

static void stop(const struct complaint *c, const char *text)
{
    char line[400];
    if (c && c->words)
        snprintf(line, sizeof line, "%s", c->words);
    else
        snprintf(line, sizeof line, "the guest did what the CPU model has no answer to (%s)", text);
    engine_give_up(line);
}

/* Back to Bochs's main loop, as an exception would go. A device that was called by a timer or moves
 * memory by itself has no instruction to give up. */
static void leave_instruction(const struct complaint *c, const char *text)
{
    if (!engine_running || bx_pc_system.triggeredTimerID() != 0) {
        stop(c, text);
        return;
    }
    bx_devices.bulkIOQuantumsRequested = 0;
    bx_devices.bulkIOQuantumsTransferred = 0;
    longjmp(BX_CPU_C::jmp_buf_env, 1);
}

static void judge(const logfunctions *who, const char *format, const char *text)
{
    static unsigned lines;
    const struct complaint *c = find(format);
    bool inner = who == (const logfunctions *)CPU || who == (const logfunctions *)BX_MEM(0) ||
                 who == (const logfunctions *)&bx_pc_system;
    enum verdict verdict = c ? c->verdict : inner ? STOP : PASS;
    if (strncmp(format, "prefetch: ", 10) == 0) {
        CPU->eipFetchPtr = open_bus();
        verdict = PASS;
    }
    if (verdict == TRIPLE)
        up_stopped(SIM_STOP_TRIPLE, "triple fault: the guest faulted while its double fault was "
                                    "being delivered");
    if (verdict == STOP || verdict == TRIPLE) {
        stop(c, text);
        return;
    }
    if (lines++ < LINES)
        engine_log("ignored", text);
    if (verdict == GIVE_UP)
        leave_instruction(c, text);
}

/* Bochs divides by some registers as the guest set them. Raised by the instruction itself, so that
 * no library is in the middle of anything. */
static void on_division(int signal, siginfo_t *info, void *context)
{
    if (engine_running && info->si_code > 0) {
        engine_log("ignored", "a device divided by what the guest gave it");
        leave_instruction(&division, "");
    }
    sigaction(signal, &division_before, NULL); /* not ours: happens again, and is theirs */
    (void)context;
}

void panic_open(void)
{
    struct sigaction act = {};
    act.sa_sigaction = on_division;
    act.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGFPE, &act, &division_before);
}

/* Linked in place of logfunctions::panic: see wrap.syms. */
extern "C" void __wrap__ZN12logfunctions5panicEPKcz(logfunctions *who, const char *format, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (engine_starting)
        engine_give_up(text);
    else
        judge(who, format, text);
}
